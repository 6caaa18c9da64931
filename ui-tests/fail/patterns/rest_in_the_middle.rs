//! What takes the rest of a path stands at its end.

use manager_runtime::prelude::*;

#[handler(get = "/files/{*path}/raw")]
async fn raw() {}

fn main() {}
