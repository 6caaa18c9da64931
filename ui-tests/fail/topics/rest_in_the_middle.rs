//! The rest comes last.

use manager_runtime::prelude::*;

#[handler(on = "orders.>.created")]
async fn hear() {}

fn main() {}
