//! A reply owns its value.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> &str {
    "five"
}

fn main() {}
