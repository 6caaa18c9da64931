//! Which is a path.

use manager_runtime::prelude::*;

#[message(crate = 5)]
struct Sum {
    a: i64,
}

fn main() {}
