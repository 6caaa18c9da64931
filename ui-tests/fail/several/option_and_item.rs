//! A mistake in the options does not hide one in the function.

use manager_runtime::prelude::*;

#[handler(replica = 5)]
async unsafe fn add(name: &str) {
    drop(name);
}

fn main() {}
