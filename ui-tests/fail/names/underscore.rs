//! Names that begin with `_` belong to the runtime.

use manager_runtime::prelude::*;

#[handler(name = "_add")]
async fn add() {}

fn main() {}
