//! Options of later versions are unknown, not silently taken.

use manager_runtime::prelude::*;

#[handler(get = "/add", post = "/add", host = "api.example.com", private, with = [log], slash = "strict")]
async fn add() {}

#[handler(upload, download, metadata, keys = ["a"], peers = ["b"])]
async fn files() {}

#[handler(rate = 10, burst = 20, deprecated, moved = "/new", options = "/add", any = "/any")]
async fn limited() {}

fn main() {}
