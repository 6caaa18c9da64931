//! With nothing made there is no replica.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    fn new() {}

    async fn run(&self) {}
}

fn main() {}
