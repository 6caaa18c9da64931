//! A macro is no function until it has run.

use manager_runtime::prelude::*;

#[middleware]
macro_rules! log {
    () => {};
}

fn main() {
    log!();
}
