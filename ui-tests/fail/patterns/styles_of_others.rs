//! Captures of other routers would be plain text here.

use manager_runtime::prelude::*;

#[handler(get = ["/users/:id", "/users/<id>", "/files/*", "/files/**", "/files/*path"])]
async fn user() {}

fn main() {}
