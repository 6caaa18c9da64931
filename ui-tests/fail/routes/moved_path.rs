//! The new place is a path, and the query is kept.

use manager_runtime::prelude::*;

#[handler(get = "/a", moved = "b")]
async fn no_slash() {}

#[handler(get = "/b", moved = "https://example.com/c")]
async fn other_host() {}

#[handler(get = "/c", moved = "/d?page=1")]
async fn query() {}

#[handler(get = "/d", moved = "/e !")]
async fn suffix() {}

fn main() {}
