//! A replica is made before any call.

use manager_runtime::prelude::*;

struct Counter(String);

#[handler]
impl Counter {
    fn new(text: String) -> Self {
        Counter(text)
    }

    async fn run(&self) -> String {
        self.0.clone()
    }
}

fn main() {}
