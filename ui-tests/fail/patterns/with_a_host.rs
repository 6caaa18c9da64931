//! A pattern is a path and no more.

use manager_runtime::prelude::*;

#[handler(get = "https://example.com/users")]
async fn users() {}

fn main() {}
