//! Nor is a static.

use manager_runtime::prelude::*;

#[handler]
static ADD: fn() = || ();

fn main() {}
