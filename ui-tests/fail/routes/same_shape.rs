//! Names do not tell patterns apart.

use manager_runtime::prelude::*;

#[handler(get = ["/users/{id}", "/users/{name}"])]
async fn user() {}

#[handler(any = ["/{n:[0-9]+}", "/{m:[0-9]+}", "/{*a}", "/{*b}"])]
async fn number() {}

fn main() {}
