//! And where it is the type's.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Stream;

#[handler]
impl Stream {
    async fn run(&self) {}
}

fn main() {}
