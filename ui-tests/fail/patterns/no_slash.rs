//! A pattern begins with a slash.

use manager_runtime::prelude::*;

#[handler(get = "users/{id}")]
async fn user() {}

fn main() {}
