//! What is in an option is one.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> Option<u64> {
    Some(5)
}

fn main() {}
