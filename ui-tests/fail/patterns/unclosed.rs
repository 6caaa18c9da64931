//! A brace that is opened is closed.

use manager_runtime::prelude::*;

#[handler(get = "/users/{id")]
async fn user() {}

fn main() {}
