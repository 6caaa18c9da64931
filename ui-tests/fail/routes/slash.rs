//! What becomes of the other form of a path is one of three words.

use manager_runtime::prelude::*;

#[handler(get = "/a", slash = "strct")]
async fn near() {}

#[handler(get = "/b", slash = "ignore")]
async fn unknown() {}

#[handler(get = "/c", slash = strict)]
async fn word() {}

#[handler(get = "/d", slash = true)]
async fn flag() {}

fn main() {}
