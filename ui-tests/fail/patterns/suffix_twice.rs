//! Each sign of a suffix stands there once.

use manager_runtime::prelude::*;

#[handler(get = ["/users !!", "/users *?*"])]
async fn users() {}

fn main() {}
