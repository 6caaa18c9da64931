//! A number without a type.

use manager_runtime::prelude::*;

#[handler(replicas = 5usize)]
async fn add() {}

fn main() {}
