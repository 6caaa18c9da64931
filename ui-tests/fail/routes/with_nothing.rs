//! A list of middlewares names one at least.

use manager_runtime::prelude::*;

#[handler(get = "/a", with = [])]
async fn bare() {}

fn main() {}
