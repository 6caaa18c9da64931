//! A capture is called like a variable.

use manager_runtime::prelude::*;

#[handler(get = ["/{0}", "/{user-id}", "/{user id}", "/{_}"])]
async fn user() {}

fn main() {}
