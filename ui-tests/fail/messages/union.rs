//! Nobody can tell what a union holds.

use manager_runtime::prelude::*;

#[message]
union Sum {
    a: i64,
    b: f64,
}

fn main() {}
