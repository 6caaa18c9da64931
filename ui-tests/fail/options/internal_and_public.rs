//! What is off HTTP cannot be open to everybody.

use manager_runtime::prelude::*;

#[handler(internal, public)]
async fn add() {}

fn main() {}
