//! A type that does not exist is reported once.

use manager_runtime::prelude::*;

#[handler]
async fn add(sum: Summ) -> Totl {
    sum
}

fn main() {}
