//! Nobody types a space into a URL.

use manager_runtime::prelude::*;

#[handler(name = "add up")]
async fn add() {}

fn main() {}
