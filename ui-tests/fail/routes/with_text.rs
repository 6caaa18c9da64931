//! A middleware is named, not quoted and not called.

use manager_runtime::prelude::*;

#[handler(get = "/a", with = ["log"])]
async fn text() {}

#[handler(get = "/b", with = [log(), |request| request])]
async fn call() {}

fn main() {}
