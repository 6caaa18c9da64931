//! A name is one segment of a path.

use manager_runtime::prelude::*;

#[handler(name = "math/add")]
async fn add() {}

fn main() {}
