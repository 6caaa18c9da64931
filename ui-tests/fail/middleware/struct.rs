//! A middleware is a function.

use manager_runtime::prelude::*;

#[middleware]
struct Log;

fn main() {}
