//! A length is a number.

use manager_runtime::prelude::*;

#[handler(queue = "long")]
async fn add() {}

fn main() {}
