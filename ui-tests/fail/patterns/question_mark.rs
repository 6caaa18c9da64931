//! The suffix for both forms of a path stands after a blank.

use manager_runtime::prelude::*;

#[handler(get = "/users/?")]
async fn users() {}

fn main() {}
