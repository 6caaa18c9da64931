//! And has one `run`.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(&self) {}

    async fn run(&self, text: String) {
        drop(text);
    }
}

fn main() {}
