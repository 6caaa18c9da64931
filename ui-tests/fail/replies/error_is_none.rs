//! What fails says so with an error.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> Result<String, u32> {
    Err(5)
}

fn main() {}
