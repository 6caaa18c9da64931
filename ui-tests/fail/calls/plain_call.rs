//! The function itself is checked like any other.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> String {
    text
}

async fn ask() -> String {
    add(5).await
}

fn main() {}
