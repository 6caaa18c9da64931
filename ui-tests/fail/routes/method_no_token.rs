//! A method is a token of HTTP.

use manager_runtime::prelude::*;

#[handler(method("", "/a"), method("LO CK", "/a"), method("LÖCK", "/a"), method("LOCK\r\n", "/a"))]
async fn lock() {}

fn main() {}
