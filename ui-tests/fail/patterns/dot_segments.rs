//! Dots are gone before a path is sent.

use manager_runtime::prelude::*;

#[handler(get = ["/users/../orders", "/.", "/users/./"])]
async fn orders() {}

fn main() {}
