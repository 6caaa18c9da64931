//! It stands once.

use manager_runtime::prelude::*;

#[message(crate = manager_runtime, crate = manager_runtime)]
struct Sum {
    a: i64,
}

fn main() {}
