//! A topic is text.

use manager_runtime::prelude::*;

#[handler(on = ["orders", 5])]
async fn hear() {}

fn main() {}
