//! A pattern is written decoded.

use manager_runtime::prelude::*;

#[handler(get = ["/a%20b", "/gr%C3%B6%c3%9fe", "/100%25", "/%7Bid%7D"])]
async fn size() {}

fn main() {}
