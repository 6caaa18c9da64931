//! Braces in an expression come in pairs.

use manager_runtime::prelude::*;

#[handler(get = "/{n:[{]+}")]
async fn number() {}

fn main() {}
