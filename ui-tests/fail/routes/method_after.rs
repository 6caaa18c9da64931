//! Nothing follows the parentheses.

use manager_runtime::prelude::*;

#[handler(method("LOCK", "/a") = "/b")]
async fn lock() {}

fn main() {}
