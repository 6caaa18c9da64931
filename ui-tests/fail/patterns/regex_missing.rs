//! A colon announces an expression.

use manager_runtime::prelude::*;

#[handler(get = "/{n:}")]
async fn number() {}

fn main() {}
