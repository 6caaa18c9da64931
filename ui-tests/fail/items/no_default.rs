//! Without `new` a replica is the default value.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    async fn run(&self) {}
}

fn main() {}
