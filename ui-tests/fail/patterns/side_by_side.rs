//! Two captures need something between them.

use manager_runtime::prelude::*;

#[handler(get = "/{year}{month}")]
async fn days() {}

fn main() {}
