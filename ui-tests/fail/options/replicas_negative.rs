//! A number of replicas has no sign.

use manager_runtime::prelude::*;

#[handler(replicas = -1)]
async fn add() {}

fn main() {}
