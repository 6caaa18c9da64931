//! The runtime is found by a path.

use manager_runtime::prelude::*;

#[handler(crate = 5)]
async fn add() {}

fn main() {}
