//! A handler is the type itself.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Clone for Counter {
    fn clone(&self) -> Self {
        Counter
    }
}

fn main() {}
