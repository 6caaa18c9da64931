//! A function is a catcher or a handler.

use manager_runtime::prelude::*;

#[handler]
#[catcher(404)]
async fn not_found() {}

fn main() {}
