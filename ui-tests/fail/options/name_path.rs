//! A name is text, also if it looks like a word.

use manager_runtime::prelude::*;

#[handler(name = add)]
async fn add() {}

fn main() {}
