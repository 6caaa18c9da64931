//! A type that has no name cannot have a default one.

use manager_runtime::prelude::*;

#[handler]
impl (u32, u32) {
    async fn run(&self) {}
}

fn main() {}
