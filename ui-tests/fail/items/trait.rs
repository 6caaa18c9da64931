//! A trait promises only.

use manager_runtime::prelude::*;

#[handler]
trait Add {
    async fn run(&self);
}

fn main() {}
