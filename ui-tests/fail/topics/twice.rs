//! A topic is heard once.

use manager_runtime::prelude::*;

#[handler(on = ["orders.created", "orders.*", "orders.created"])]
async fn hear() {}

fn main() {}
