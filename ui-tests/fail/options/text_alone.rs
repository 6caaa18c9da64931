//! The name of a handler does not stand alone.

use manager_runtime::prelude::*;

#[handler("add")]
async fn add() {}

fn main() {}
