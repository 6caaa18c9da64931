//! Only Rust calls it.

use manager_runtime::prelude::*;

#[handler]
extern "C" fn add() {}

fn main() {}
