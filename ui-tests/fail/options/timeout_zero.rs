//! Nothing is done in no time.

use manager_runtime::prelude::*;

#[handler(timeout = 0)]
async fn add() {}

fn main() {}
