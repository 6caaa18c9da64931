//! A catcher has no order and no reach but its path.

use manager_runtime::prelude::*;

#[catcher(404, global, order = 1, prefix = "/api")]
async fn not_found() {}

fn main() {}
