//! Several keys are a list.

use manager_runtime::prelude::*;

#[handler(keys = "admin", "ops")]
async fn reset() {}

fn main() {}
