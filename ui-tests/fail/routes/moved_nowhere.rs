//! Who has moved is somewhere else.

use manager_runtime::prelude::*;

#[handler(get = ["/a", "/b"], moved = "/b")]
async fn here() {}

fn main() {}
