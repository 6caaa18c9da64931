//! What `new` takes is named.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    fn new(other: Res<Self>) -> Self {
        drop(other);
        Counter
    }

    async fn run(&self) {}
}

fn main() {}
