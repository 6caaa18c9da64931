//! A handler is on HTTP or off it.

use manager_runtime::prelude::*;

#[handler(get = "/a", post = "/b", internal)]
async fn route() {}

#[handler(method("LOCK", "/a"), internal)]
async fn lock() {}

#[handler(private, internal)]
async fn inside() {}

fn main() {}
