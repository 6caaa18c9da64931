//! A message owns its data.

use manager_runtime::prelude::*;

#[message]
struct Sum<'a> {
    text: &'a str,
}

fn main() {}
