//! A module holds handlers and is none.

use manager_runtime::prelude::*;

#[handler]
mod add {
    pub fn run() {}
}

fn main() {}
