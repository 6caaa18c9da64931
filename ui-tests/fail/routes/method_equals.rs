//! A method and its patterns stand in parentheses.

use manager_runtime::prelude::*;

#[handler(method = "LOCK")]
async fn lock() {}

#[handler(method)]
async fn unlock() {}

fn main() {}
