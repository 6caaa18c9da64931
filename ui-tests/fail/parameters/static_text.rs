//! Text is owned.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: &'static str) {
    drop(text);
}

fn main() {}
