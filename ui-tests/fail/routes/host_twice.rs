//! A host stands there once.

use manager_runtime::prelude::*;

#[handler(get = "/a", host = ["example.com", "Example.COM", "{a}.org", "{b}.org"])]
async fn hosts() {}

fn main() {}
