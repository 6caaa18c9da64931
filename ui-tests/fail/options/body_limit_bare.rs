//! A size with its unit is text.

use manager_runtime::prelude::*;

#[handler(body_limit = 2MiB)]
async fn add() {}

fn main() {}
