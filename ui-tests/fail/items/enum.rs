//! Neither does an enum.

use manager_runtime::prelude::*;

#[handler]
enum Add {
    Once,
}

fn main() {}
