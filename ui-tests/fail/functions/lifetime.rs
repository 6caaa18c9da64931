//! A message outlives whoever sent it.

use manager_runtime::prelude::*;

#[handler]
async fn add<'a>(text: std::borrow::Cow<'a, str>) {
    drop(text);
}

fn main() {}
