//! In an impl block as well.

use manager_runtime::prelude::*;

#[message]
struct Sum {
    a: i64,
}

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(&self, sum: Sum, text: String) {
        drop((sum.a, text));
    }
}

fn main() {}
