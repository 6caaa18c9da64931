//! A flag stands there once.

use manager_runtime::prelude::*;

#[handler(get = "/a", gone, gone)]
async fn gone() {}

fn main() {}
