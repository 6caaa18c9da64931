//! Each topic of a list is checked.

use manager_runtime::prelude::*;

#[handler(on = ["", "a..b", "fine", "a.>.b"])]
async fn hear() {}

fn main() {}
