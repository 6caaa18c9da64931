//! A catcher is a function.

use manager_runtime::prelude::*;

#[catcher(404)]
struct NotFound;

fn main() {}
