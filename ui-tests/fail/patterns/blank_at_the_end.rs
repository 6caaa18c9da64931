//! A blank at the end announces a suffix.

use manager_runtime::prelude::*;

#[handler(get = "/users ")]
async fn users() {}

fn main() {}
