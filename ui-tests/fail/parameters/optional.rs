//! A message is there.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: Option<String>) {
    drop(text);
}

fn main() {}
