//! A handler is for everybody or for some.

use manager_runtime::prelude::*;

#[handler(public, keys = ["admin"])]
async fn reset() {}

fn main() {}
