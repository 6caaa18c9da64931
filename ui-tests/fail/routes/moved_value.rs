//! The new place is one path.

use manager_runtime::prelude::*;

#[handler(get = "/a", moved = ["/b", "/c"])]
async fn list() {}

#[handler(get = "/b", moved = next::place)]
async fn word() {}

fn main() {}
