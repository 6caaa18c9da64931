//! The path has to lead somewhere.

use manager_runtime::prelude::*;

#[handler(crate = nowhere)]
async fn add() {}

fn main() {}
