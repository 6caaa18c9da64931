//! A status is a number of no type.

use manager_runtime::prelude::*;

#[catcher(404u16)]
async fn not_found() {}

fn main() {}
