//! Who may come is named, or left out.

use manager_runtime::prelude::*;

#[handler(peers = [])]
async fn add() {}

fn main() {}
