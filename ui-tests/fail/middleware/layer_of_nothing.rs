//! A function without parameters makes a layer.

use manager_runtime::prelude::*;

#[middleware]
fn log() {}

fn main() {}
