//! Methods are told apart by case.

use manager_runtime::prelude::*;

#[handler(method("get", "/a"), method("Delete", "/a"), method("lock", "/a"))]
async fn lower() {}

fn main() {}
