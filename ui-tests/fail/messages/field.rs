//! Every field can be written and read.

use manager_runtime::prelude::*;

struct Money;

#[message]
struct Sum {
    money: Money,
}

fn main() {}
