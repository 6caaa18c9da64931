//! Rates are for HTTP, and these handlers are not reached over it.

use manager_runtime::prelude::*;

#[handler(internal, rate = "10/s")]
async fn reset() {}

#[handler(on = "resets", rate = "10/s", burst = 5)]
async fn hear() {}

fn main() {}
