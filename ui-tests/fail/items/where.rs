//! Nothing is left to bound.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter
where
    Counter: Sized,
{
    async fn run(&self) {}
}

fn main() {}
