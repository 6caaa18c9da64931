//! What is no parameter is none either where it may be absent.

use manager_runtime::prelude::*;

#[handler]
async fn add(number: Option<u32>) {
    drop(number);
}

fn main() {}
