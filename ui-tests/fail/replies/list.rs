//! So does a list.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> Vec<String> {
    Vec::new()
}

fn main() {}
