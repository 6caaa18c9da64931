//! A message fits into a terabyte.

use manager_runtime::prelude::*;

#[handler(body_limit = "2TiB")]
async fn add() {}

fn main() {}
