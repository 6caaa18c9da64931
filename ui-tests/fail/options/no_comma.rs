//! Options are separated by commas.

use manager_runtime::prelude::*;

#[handler(replicas = 5 queue = 10)]
async fn add() {}

fn main() {}
