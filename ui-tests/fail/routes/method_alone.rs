//! A method of one's own has a pattern as well.

use manager_runtime::prelude::*;

#[handler(method("LOCK"))]
async fn lock() {}

#[handler(method())]
async fn unlock() {}

fn main() {}
