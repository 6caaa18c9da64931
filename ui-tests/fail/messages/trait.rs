//! A trait is none.

use manager_runtime::prelude::*;

#[message]
trait Sum {}

fn main() {}
