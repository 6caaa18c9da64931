//! A handler can be called.

use manager_runtime::prelude::*;

#[handler(name = "")]
async fn add() {}

fn main() {}
