//! Or fails to make one.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    async fn new() -> Result<u32> {
        Ok(5)
    }

    async fn run(&self) {}
}

fn main() {}
