//! The shortest pattern is the root.

use manager_runtime::prelude::*;

#[handler(get = "")]
async fn root() {}

fn main() {}
