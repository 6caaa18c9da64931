//! A handler runs when a call comes.

use manager_runtime::prelude::*;

#[handler]
const fn add() {}

fn main() {}
