//! A value follows `=`, not a `:` and not in parentheses.

use manager_runtime::prelude::*;

#[handler(replicas(5), queue: 10, internal(true), detached)]
async fn add() {}

fn main() {}
