//! Also in numbers.

use manager_runtime::prelude::*;

#[handler]
async fn add<const N: usize>() {}

fn main() {}
