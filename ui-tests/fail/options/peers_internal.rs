//! Nobody reaches what is off HTTP.

use manager_runtime::prelude::*;

#[handler(internal, peers = "shop")]
async fn add() {}

fn main() {}
