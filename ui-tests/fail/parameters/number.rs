//! A number is no message.

use manager_runtime::prelude::*;

#[handler]
async fn add(number: u32) {
    drop(number);
}

fn main() {}
