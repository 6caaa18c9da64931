//! A type is one handler.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(&self) {}
}

#[handler(name = "other")]
impl Counter {
    async fn run(&self) {}
}

fn main() {}
