//! The names of keys are texts, each once.

use manager_runtime::prelude::*;

#[handler(keys = [admin, "a b", "", "ops", "ops"])]
async fn reset() {}

fn main() {}
