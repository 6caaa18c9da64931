//! A call gives its replica back.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(self) {}
}

fn main() {}
