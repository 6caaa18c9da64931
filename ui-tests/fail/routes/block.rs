//! A block has the same options, under the same rules.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler(get = "/counter/{", slash = "no", gone = 1)]
impl Counter {
    async fn run(&self) {}
}

fn main() {}
