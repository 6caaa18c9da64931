//! What takes the rest of a path is not compared with an expression.

use manager_runtime::prelude::*;

#[handler(get = "/files/{*path:[a-z]+}")]
async fn files() {}

fn main() {}
