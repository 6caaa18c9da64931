//! There is one option.

use manager_runtime::prelude::*;

#[message(name = "sum")]
struct Sum {
    a: i64,
}

fn main() {}
