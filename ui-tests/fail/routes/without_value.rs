//! Options that need a value say what one looks like.

use manager_runtime::prelude::*;

#[handler(get, post = , any, host, slash, with, deprecated, moved)]
async fn routes() {}

fn main() {}
