//! So does a list.

use manager_runtime::prelude::*;

#[handler]
async fn add(numbers: Vec<u32>) {
    drop(numbers);
}

fn main() {}
