//! A macro makes handlers and is none.

use manager_runtime::prelude::*;

#[handler]
macro_rules! add {
    () => {};
}

fn main() {
    add!();
}
