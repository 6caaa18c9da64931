//! A pattern is text.

use manager_runtime::prelude::*;

#[handler(get = 5)]
async fn five() {}

fn main() {}
