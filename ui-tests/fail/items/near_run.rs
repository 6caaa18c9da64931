//! A slip of the pen is met with the word that was meant.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn rnu(&self) {}
}

fn main() {}
