//! Who has moved is not gone.

use manager_runtime::prelude::*;

#[handler(get = "/a", moved = "/b", gone)]
async fn both() {}

fn main() {}
