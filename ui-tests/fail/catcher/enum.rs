//! A catcher is a function, whatever else there is.

use manager_runtime::prelude::*;

#[catcher]
enum Nothing {}

fn main() {}
