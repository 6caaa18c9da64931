//! Nobody could keep the promise.

use manager_runtime::prelude::*;

#[handler]
async unsafe fn add() {}

fn main() {}
