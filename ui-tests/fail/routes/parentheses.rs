//! A value follows an equals sign.

use manager_runtime::prelude::*;

#[handler(get("/users"))]
async fn users() {}

fn main() {}
