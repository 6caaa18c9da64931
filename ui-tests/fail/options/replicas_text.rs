//! A number is not written as text.

use manager_runtime::prelude::*;

#[handler(replicas = "5")]
async fn add() {}

fn main() {}
