//! A function has nothing to rebuild.

use manager_runtime::prelude::*;

#[handler(rebuild_on_cancel)]
async fn add() {}

fn main() {}
