//! A status is a number.

use manager_runtime::prelude::*;

#[catcher("404")]
async fn not_found() {}

fn main() {}
