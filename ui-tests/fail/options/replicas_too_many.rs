//! Replicas are made at start, so there is a limit.

use manager_runtime::prelude::*;

#[handler(replicas = 65_536)]
async fn add() {}

fn main() {}
