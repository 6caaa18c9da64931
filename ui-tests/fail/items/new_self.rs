//! `new` has no replica yet.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    fn new(&self) -> Self {
        Counter
    }

    async fn run(&self) {}
}

fn main() {}
