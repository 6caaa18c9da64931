//! A handle called like a primitive type would hide it.

use manager_runtime::prelude::*;

#[handler]
async fn u64() {}

fn main() {}
