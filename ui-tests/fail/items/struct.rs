//! A struct does nothing.

use manager_runtime::prelude::*;

#[handler]
struct Add;

fn main() {}
