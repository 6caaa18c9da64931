//! A handler is no middleware.

use manager_runtime::prelude::*;

#[handler]
async fn log() {}

#[handler(get = "/a", with = [log])]
async fn logged() {}

fn main() {}
