//! A method is a handler through its impl block.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

impl Counter {
    #[handler]
    async fn run(&self) {}
}

fn main() {}
