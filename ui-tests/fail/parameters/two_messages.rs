//! A handler takes one message.

use manager_runtime::prelude::*;

#[handler]
async fn add(first: String, second: String) {
    drop((first, second));
}

fn main() {}
