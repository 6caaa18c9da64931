//! And a slip of the pen is met with it.

use manager_runtime::prelude::*;

#[message(crat = manager_runtime)]
struct Sum {
    a: i64,
}

fn main() {}
