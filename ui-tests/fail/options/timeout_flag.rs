//! A duration is no yes or no.

use manager_runtime::prelude::*;

#[handler(timeout = true)]
async fn add() {}

fn main() {}
