//! What is captured of the host and of the path are one list of names.

use manager_runtime::prelude::*;

#[handler(get = ["/{id}/{sub}", "/{id}"], host = ["{sub}.org", "{sub}.com"])]
async fn both() {}

fn main() {}
