//! Nobody names a catcher: it has no type.

use manager_runtime::prelude::*;

#[catcher(404)]
async fn not_found() {}

#[handler(get = "/a", with = [not_found])]
async fn route() {}

fn main() {}
