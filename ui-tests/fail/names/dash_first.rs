//! A name begins with a letter or a digit.

use manager_runtime::prelude::*;

#[handler(name = "-add")]
async fn add() {}

fn main() {}
