//! A query is no part of a path.

use manager_runtime::prelude::*;

#[handler(get = "/users?page={page}")]
async fn users() {}

fn main() {}
