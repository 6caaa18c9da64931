//! A handler has at least one replica.

use manager_runtime::prelude::*;

#[handler(replicas = 0)]
async fn add() {}

fn main() {}
