//! A path that differs by its slash is either refused or served.

use manager_runtime::prelude::*;

#[handler(get = "/users !?")]
async fn users() {}

fn main() {}
