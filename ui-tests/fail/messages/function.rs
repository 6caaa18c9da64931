//! A message is data.

use manager_runtime::prelude::*;

#[message]
async fn add() {}

fn main() {}
