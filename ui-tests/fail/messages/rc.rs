//! A message moves between threads.

use manager_runtime::prelude::*;

#[message]
struct Sum {
    shared: Vec<std::sync::MutexGuard<'static, u32>>,
}

fn main() {}
