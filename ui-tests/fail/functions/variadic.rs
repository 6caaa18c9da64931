//! Each parameter has a type.

use manager_runtime::prelude::*;

#[handler]
unsafe extern "C" fn add(text: String, ...) {}

fn main() {}
