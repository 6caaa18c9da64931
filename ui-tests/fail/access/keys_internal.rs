//! Keys are for HTTP, and this handler is not reached over it.

use manager_runtime::prelude::*;

#[handler(internal, keys = "admin")]
async fn reset() {}

#[handler(on = "resets", keys = "admin")]
async fn hear() {}

fn main() {}
