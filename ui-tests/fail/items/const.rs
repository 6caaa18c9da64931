//! A value is no handler.

use manager_runtime::prelude::*;

#[handler]
const ADD: fn() = || ();

fn main() {}
