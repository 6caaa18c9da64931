//! Options that need a value say what one looks like.

use manager_runtime::prelude::*;

#[catcher(404, path, crate)]
async fn not_found() {}

fn main() {}
