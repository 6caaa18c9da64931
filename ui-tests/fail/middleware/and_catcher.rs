//! A function is one thing, whatever its parameters are for.

use manager_runtime::prelude::*;

#[catcher(404)]
#[middleware(global)]
async fn not_found(_: Caught) -> &'static str {
    "sorry"
}

#[handler]
#[catcher(405)]
async fn not_allowed(_: Caught) {}

fn main() {}
