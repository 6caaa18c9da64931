//! A name for a type is not the type.

use manager_runtime::prelude::*;

#[handler]
type Add = fn();

fn main() {}
