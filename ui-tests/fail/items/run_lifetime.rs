//! What a call is given outlives the borrow.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run<'a>(&'a self) {}
}

fn main() {}
