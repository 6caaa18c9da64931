//! Every pattern of every option is checked.

use manager_runtime::prelude::*;

#[handler(get = ["/users", "/users/{id", "/users/:id"], post = "users", method("LOCK", "/users/{}"))]
async fn users() {}

#[handler(get = "/orders/{id}}")]
async fn orders() {}

fn main() {}
