//! A function is a catcher once.

use manager_runtime::prelude::*;

#[catcher(404)]
#[catcher(405)]
async fn not_found() {}

fn main() {}
