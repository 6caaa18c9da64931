//! Control characters stand in no path.

use manager_runtime::prelude::*;

#[handler(get = ["/a\tb", "/a\n"])]
async fn users() {}

fn main() {}
