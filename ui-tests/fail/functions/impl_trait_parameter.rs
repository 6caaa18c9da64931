//! A parameter is of one type.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: impl Into<String>) {
    drop(text);
}

fn main() {}
