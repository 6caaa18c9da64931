//! Every option has its name.

use manager_runtime::prelude::*;

#[handler(colour = "red")]
async fn add() {}

fn main() {}
