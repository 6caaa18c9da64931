//! What is called otherwise elsewhere.

use manager_runtime::prelude::*;

#[handler(path = "/a", route = "/a", uri = "/a", methods = ["GET"])]
async fn route() {}

#[handler(middleware = log, layer = log)]
async fn wrapped() {}

fn main() {}
