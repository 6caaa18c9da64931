//! Statuses are separated by commas.

use manager_runtime::prelude::*;

#[catcher(404 405)]
async fn not_found() {}

fn main() {}
