//! And a free function is no method.

use manager_runtime::prelude::*;

#[handler]
async fn run(&self) {}

fn main() {}
