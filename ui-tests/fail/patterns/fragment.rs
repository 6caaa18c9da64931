//! A fragment stays with the client.

use manager_runtime::prelude::*;

#[handler(get = "/users#top")]
async fn users() {}

fn main() {}
