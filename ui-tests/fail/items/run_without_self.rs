//! A call needs its replica.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(text: String) -> String {
        text
    }
}

fn main() {}
