//! An expression is a regular one.

use manager_runtime::prelude::*;

#[handler(get = ["/{n:[0-9}", "/{n:(}", "/{n:+}"])]
async fn number() {}

fn main() {}
