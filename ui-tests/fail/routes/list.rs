//! Each entry of a list is a pattern.

use manager_runtime::prelude::*;

#[handler(get = ["/a", 5, b, ["/c"]])]
async fn users() {}

fn main() {}
