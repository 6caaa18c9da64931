//! A tuple has a place for each capture.

use manager_runtime::prelude::*;

#[handler(get = "/shops/{shop}/orders/{order}")]
async fn order(Path((shop,)): Path<(String,)>) -> String {
    shop
}

fn main() {}
