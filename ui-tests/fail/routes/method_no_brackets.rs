//! Several patterns of a method stand in brackets.

use manager_runtime::prelude::*;

#[handler(method("LOCK", "/a", "/b"))]
async fn lock() {}

fn main() {}
