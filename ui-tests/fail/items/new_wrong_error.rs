//! With an error that is one.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    fn new() -> Result<Self, u32> {
        Ok(Counter)
    }

    async fn run(&self) {}
}

fn main() {}
