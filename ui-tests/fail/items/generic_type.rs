//! Also if the type is said.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter<T>(T);

#[handler]
impl Counter<u32> {
    async fn run(&self) {}
}

fn main() {}
