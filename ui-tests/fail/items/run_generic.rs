//! One `run`, one message.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run<T>(&self, text: T) {
        drop(text);
    }
}

fn main() {}
