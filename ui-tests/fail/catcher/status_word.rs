//! A status stands alone.

use manager_runtime::prelude::*;

#[catcher(status = 404)]
async fn option() {}

#[catcher(not_found)]
async fn word() {}

#[catcher(StatusCode::NOT_FOUND)]
async fn constant() {}

fn main() {}
