//! A constant is not known when the attribute is read.

use manager_runtime::prelude::*;

const REPLICAS: usize = 5;

#[handler(replicas = REPLICAS)]
async fn add() {}

fn main() {
    let _ = REPLICAS;
}
