//! Names are ASCII.

use manager_runtime::prelude::*;

#[handler(name = "größe")]
async fn size() {}

fn main() {}
