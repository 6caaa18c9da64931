//! What is in a result is a reply.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> Result<u64> {
    Ok(5)
}

fn main() {}
