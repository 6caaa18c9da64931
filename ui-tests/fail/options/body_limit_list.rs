//! A size is one number.

use manager_runtime::prelude::*;

#[handler(body_limit = [1, 2])]
async fn add() {}

fn main() {}
