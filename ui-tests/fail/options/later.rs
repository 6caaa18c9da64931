//! Options of later versions are unknown, not silently taken.

use manager_runtime::prelude::*;

#[handler(keys = ["a"], peers = ["b"])]
async fn files() {}

#[handler(get = "/limited", rate = 10, burst = 20)]
async fn limited() {}

fn main() {}
