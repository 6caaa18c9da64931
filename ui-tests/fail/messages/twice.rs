//! A type is one message.

use manager_runtime::prelude::*;

#[message]
#[message]
struct Sum {
    a: i64,
}

fn main() {}
