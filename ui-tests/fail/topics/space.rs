//! Words are made of letters and digits.

use manager_runtime::prelude::*;

#[handler(on = "orders. created")]
async fn hear() {}

fn main() {}
