//! The method tells routes apart, not the way in which it is written.

use manager_runtime::prelude::*;

#[handler(get = "/users", method("GET", "/users"), method("LOCK", ["/users", "/users"]))]
async fn users() {}

fn main() {}
