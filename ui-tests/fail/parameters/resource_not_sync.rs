//! A resource is shared between threads.

use manager_runtime::prelude::*;

#[handler]
async fn add(counter: Res<std::cell::Cell<u32>>) {
    counter.set(1);
}

fn main() {}
