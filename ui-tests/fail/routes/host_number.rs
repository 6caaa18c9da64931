//! A host is text.

use manager_runtime::prelude::*;

#[handler(get = "/a", host = 5)]
async fn five() {}

#[handler(get = "/b", host = [])]
async fn none() {}

fn main() {}
