//! An expression has a size.

use manager_runtime::prelude::*;

#[handler(get = "/{n:(a{1000}){1000}}")]
async fn number() {}

fn main() {}
