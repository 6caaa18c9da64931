//! The name of a method is text.

use manager_runtime::prelude::*;

#[handler(method(LOCK, "/files/{*path}"))]
async fn lock() {}

fn main() {}
