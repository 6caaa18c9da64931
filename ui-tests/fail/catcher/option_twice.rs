//! An option stands there once.

use manager_runtime::prelude::*;

#[catcher(path = "/a", path = "/b")]
async fn not_found() {}

fn main() {}
