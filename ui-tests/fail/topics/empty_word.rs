//! Between two dots stands a word.

use manager_runtime::prelude::*;

#[handler(on = "orders..created")]
async fn hear() {}

fn main() {}
