//! An option begins with its name.

use manager_runtime::prelude::*;

#[catcher(404, "/api")]
async fn not_found() {}

fn main() {}
