//! What is not finished is reported by the compiler alone.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: ) {}

fn main() {}
