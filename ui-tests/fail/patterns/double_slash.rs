//! No segment is empty.

use manager_runtime::prelude::*;

#[handler(get = ["/users//orders", "//", "/users//"])]
async fn orders() {}

fn main() {}
