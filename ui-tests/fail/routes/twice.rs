//! An option stands there once; several values are a list.

use manager_runtime::prelude::*;

#[handler(get = "/a", post = "/a", get = "/b", host = "a.org", host = "b.org", with = log, with = auth)]
async fn lists() {}

#[handler(
    get = "/a",
    slash = "strict",
    slash = "lenient",
    private,
    private,
    moved = "/b",
    moved = "/c"
)]
async fn values() {}

fn main() {}
