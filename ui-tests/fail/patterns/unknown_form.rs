//! There are four forms of captures, and these are none of them.

use manager_runtime::prelude::*;

#[handler(get = ["/{id?}", "/{...rest}", "/{**rest}", "/{=id}"])]
async fn user() {}

fn main() {}
