//! The text is sent in a header.

use manager_runtime::prelude::*;

#[handler(get = "/a", deprecated = "use /b\r\nSet-Cookie: a=b")]
async fn old() {}

fn main() {}
