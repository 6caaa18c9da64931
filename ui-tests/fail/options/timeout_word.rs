//! A duration begins with a number.

use manager_runtime::prelude::*;

#[handler(timeout = "soon")]
async fn add() {}

fn main() {}
