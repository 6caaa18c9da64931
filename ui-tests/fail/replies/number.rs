//! A number is no reply.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> u64 {
    5
}

fn main() {}
