//! A handler has each of its routes once.

use manager_runtime::prelude::*;

#[handler(get = ["/users", "/users"])]
async fn users() {}

fn main() {}
