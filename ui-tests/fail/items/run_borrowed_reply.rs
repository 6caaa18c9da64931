//! A reply owns its value, although the replica has it to lend.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter {
    name: String,
}

#[handler]
impl Counter {
    async fn run(&self) -> &str {
        &self.name
    }
}

fn main() {}
