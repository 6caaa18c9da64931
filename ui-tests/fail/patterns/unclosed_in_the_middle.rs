//! A capture ends before its segment does.

use manager_runtime::prelude::*;

#[handler(get = "/users/{id/orders}")]
async fn orders() {}

fn main() {}
