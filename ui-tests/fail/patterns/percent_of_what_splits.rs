//! What splits a URI cannot be text of a pattern, not even encoded.

use manager_runtime::prelude::*;

#[handler(get = ["/a%2Fb", "/a%3Fb", "/a%23b"])]
async fn split() {}

fn main() {}
