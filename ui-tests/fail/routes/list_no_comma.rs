//! Entries of a list are separated by commas.

use manager_runtime::prelude::*;

#[handler(get = ["/a" "/b"])]
async fn users() {}

fn main() {}
