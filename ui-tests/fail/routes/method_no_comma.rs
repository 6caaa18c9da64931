//! A comma stands between a method and its patterns.

use manager_runtime::prelude::*;

#[handler(method("LOCK" "/a"))]
async fn lock() {}

fn main() {}
