//! What has no name is a reply all the same.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> impl std::fmt::Display {
    5
}

fn main() {}
