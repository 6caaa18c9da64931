//! Names are lower-case.

use manager_runtime::prelude::*;

#[handler(name = "addUp")]
async fn add() {}

fn main() {}
