//! A status is named once.

use manager_runtime::prelude::*;

#[catcher(404, 405, 404)]
async fn not_found() {}

fn main() {}
