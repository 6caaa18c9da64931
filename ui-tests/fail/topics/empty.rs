//! A topic has a word.

use manager_runtime::prelude::*;

#[handler(on = "")]
async fn hear() {}

fn main() {}
