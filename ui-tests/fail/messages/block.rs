//! An impl block is none.

use manager_runtime::prelude::*;

struct Sum;

#[message]
impl Sum {}

fn main() {}
