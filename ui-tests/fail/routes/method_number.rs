//! What a method stands for is a pattern.

use manager_runtime::prelude::*;

#[handler(method("LOCK", 5), method("UNLOCK", []))]
async fn lock() {}

fn main() {}
