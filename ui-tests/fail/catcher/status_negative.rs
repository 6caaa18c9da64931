//! A status is a positive number.

use manager_runtime::prelude::*;

#[catcher(-404, 404.0)]
async fn not_found() {}

fn main() {}
