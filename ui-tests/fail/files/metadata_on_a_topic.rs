//! A topic has no files.

use manager_runtime::prelude::*;

#[handler(metadata, on = "photos.*")]
async fn photos(name: String) -> String {
    name
}

fn main() {}
