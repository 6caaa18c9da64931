//! Sizes are counted in powers of two.

use manager_runtime::prelude::*;

#[handler(body_limit = "2MB")]
async fn add() {}

fn main() {}
