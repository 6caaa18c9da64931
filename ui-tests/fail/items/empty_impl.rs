//! Without `run` nothing serves a call.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {}

fn main() {}
