//! `new` makes a replica.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    fn new() -> u32 {
        5
    }

    async fn run(&self) {}
}

fn main() {}
