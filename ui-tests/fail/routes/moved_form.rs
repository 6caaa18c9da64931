//! In the new place a capture is named and no more.

use manager_runtime::prelude::*;

#[handler(get = "/files/{*path}", moved = "/v2/files/{*path}")]
async fn rest() {}

#[handler(get = "/days/{n:[0-9]+}", moved = "/v2/days/{n:[0-9]+}")]
async fn regex() {}

fn main() {}
