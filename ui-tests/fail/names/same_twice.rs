//! One name in one module is one thing.

use manager_runtime::prelude::*;

#[handler]
async fn add() {}

#[handler]
async fn add() {}

fn main() {}
