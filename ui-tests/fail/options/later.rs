//! Options of later versions are unknown, not silently taken.

use manager_runtime::prelude::*;

#[handler(peers = ["b"])]
async fn files() {}

fn main() {}
