//! Only errors are caught.

use manager_runtime::prelude::*;

#[catcher(200, 399, 600, 70_000)]
async fn not_found() {}

fn main() {}
