//! Suffixes do not tell patterns apart.

use manager_runtime::prelude::*;

#[handler(get = ["/users", "/users !"], post = ["/users/ ?", "/users/ *"])]
async fn users() {}

fn main() {}
