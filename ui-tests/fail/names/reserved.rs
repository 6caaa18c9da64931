//! Some names are paths of the runtime's own.

use manager_runtime::prelude::*;

#[handler(name = "healthz")]
async fn health() {}

fn main() {}
