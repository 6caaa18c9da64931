//! Nor a union.

use manager_runtime::prelude::*;

#[handler]
union Add {
    a: u32,
}

fn main() {}
