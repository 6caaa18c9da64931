//! A handler that sometimes serves no calls is none.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    #[cfg(unix)]
    async fn run(&self) {}
}

fn main() {}
