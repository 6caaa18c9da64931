//! Mistakes that only the compiler can see are reported together as well.

use manager_runtime::prelude::*;

#[handler]
async fn add(number: u32) {
    drop(number);
}

#[handler]
async fn double(text: String) -> u64 {
    text.len() as u64
}

#[handler]
async fn triple(first: String, second: String) {
    drop((first, second));
}

fn main() {}
