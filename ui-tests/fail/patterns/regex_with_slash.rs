//! An expression is compared with one segment.

use manager_runtime::prelude::*;

#[handler(get = "/{day:[0-9]+/[0-9]+}")]
async fn day() {}

fn main() {}
