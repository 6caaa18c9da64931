//! What to use instead is said in words.

use manager_runtime::prelude::*;

#[handler(get = "/a", deprecated = 2027)]
async fn old() {}

#[handler(get = "/b", deprecated = " ")]
async fn blank() {}

fn main() {}
