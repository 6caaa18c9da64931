//! Helpers do not serve calls.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    fn add(&self) {}

    async fn count(&self) {}
}

fn main() {}
