//! The number is known when the attribute is read.

use manager_runtime::prelude::*;

#[handler(replicas = 2 * 3)]
async fn add() {}

fn main() {}
