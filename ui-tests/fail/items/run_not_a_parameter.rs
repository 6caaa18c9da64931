//! The parameters of `run` follow the rules of every handler.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(&self, by: u32) -> String {
        by.to_string()
    }
}

fn main() {}
