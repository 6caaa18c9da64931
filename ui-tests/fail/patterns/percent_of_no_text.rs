//! What no text decodes to can never be a path.

use manager_runtime::prelude::*;

#[handler(get = ["/a%ff", "/a%00"])]
async fn bytes() {}

fn main() {}
