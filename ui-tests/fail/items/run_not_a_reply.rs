//! And so does what it returns.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter(u32);

#[handler]
impl Counter {
    async fn run(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

fn main() {}
