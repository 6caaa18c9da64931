//! Nor is an impl block.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler(blocking)]
impl Counter {
    async fn run(&mut self) {}
}

fn main() {}
