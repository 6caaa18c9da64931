//! A queue has an end.

use manager_runtime::prelude::*;

#[handler(queue = 20_000_000)]
async fn add() {}

fn main() {}
