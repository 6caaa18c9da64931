//! A duration has a unit that is known.

use manager_runtime::prelude::*;

#[handler(timeout = "30 seconds")]
async fn add() {}

fn main() {}
