//! Each parameter has a type.

use manager_runtime::prelude::*;

#[handler]
fn add(text: String, _: ...) {
    drop(text);
}

fn main() {}
