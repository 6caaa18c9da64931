//! A duration with its unit is text.

use manager_runtime::prelude::*;

#[handler(timeout = 30s)]
async fn add() {}

fn main() {}
