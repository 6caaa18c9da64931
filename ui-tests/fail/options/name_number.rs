//! A name is text.

use manager_runtime::prelude::*;

#[handler(name = 5)]
async fn add() {}

fn main() {}
