//! A list of patterns holds one at least.

use manager_runtime::prelude::*;

#[handler(get = [])]
async fn nowhere() {}

fn main() {}
