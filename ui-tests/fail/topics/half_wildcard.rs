//! A wildcard is a whole word.

use manager_runtime::prelude::*;

#[handler(on = "orders.cre*")]
async fn hear() {}

fn main() {}
