//! The parameters of `new` are parts.

use manager_runtime::prelude::*;

struct Counter(u32);

#[handler]
impl Counter {
    fn new(from: u32) -> Self {
        Counter(from)
    }

    async fn run(&self) -> Json<u32> {
        Json(self.0)
    }
}

fn main() {}
