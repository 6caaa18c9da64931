//! The signs of a suffix stand together, after one blank.

use manager_runtime::prelude::*;

#[handler(get = ["/users ! *", "/users  !"])]
async fn users() {}

fn main() {}
