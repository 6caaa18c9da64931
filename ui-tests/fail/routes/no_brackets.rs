//! Several patterns stand in brackets.

use manager_runtime::prelude::*;

#[handler(get = "/a", "/b")]
async fn users() {}

fn main() {}
