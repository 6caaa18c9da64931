//! The type has to be there.

use manager_runtime::prelude::*;

#[handler]
impl Counter {
    async fn run(&self) {}
}

fn main() {}
