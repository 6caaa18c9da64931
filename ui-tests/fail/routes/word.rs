//! A pattern stands in quotes.

use manager_runtime::prelude::*;

#[handler(get = users)]
async fn users() {}

fn main() {}
