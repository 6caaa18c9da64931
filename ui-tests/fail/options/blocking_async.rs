//! An async fn is not moved to the blocking pool.

use manager_runtime::prelude::*;

#[handler(blocking)]
async fn add() {}

fn main() {}
