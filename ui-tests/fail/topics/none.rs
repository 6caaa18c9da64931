//! A list of topics has one.

use manager_runtime::prelude::*;

#[handler(on = [])]
async fn hear() {}

fn main() {}
