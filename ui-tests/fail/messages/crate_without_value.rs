//! It has a value.

use manager_runtime::prelude::*;

#[message(crate)]
struct Sum {
    a: i64,
}

fn main() {}
