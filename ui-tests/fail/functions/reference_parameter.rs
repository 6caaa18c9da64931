//! A parameter owns its value.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: &str) {
    drop(text);
}

fn main() {}
