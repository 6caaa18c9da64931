//! A message has at least one byte.

use manager_runtime::prelude::*;

#[handler(body_limit = 0)]
async fn add() {}

fn main() {}
