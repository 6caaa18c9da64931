//! The sign of a rest stands before its name.

use manager_runtime::prelude::*;

#[handler(get = ["/{rest*}", "/{rest+}"])]
async fn files() {}

fn main() {}
