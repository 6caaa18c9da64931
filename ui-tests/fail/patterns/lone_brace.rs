//! A brace that closes nothing is doubled.

use manager_runtime::prelude::*;

#[handler(get = "/users/id}")]
async fn user() {}

fn main() {}
