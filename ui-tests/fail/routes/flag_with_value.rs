//! A flag stands alone.

use manager_runtime::prelude::*;

#[handler(get = "/a", private = true)]
async fn inside() {}

#[handler(get = "/b", gone("2027"))]
async fn gone() {}

fn main() {}
