//! Also out of a box.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(self: Box<Self>) {}
}

fn main() {}
