//! A tuple fits every pattern of the handler.

use manager_runtime::prelude::*;

#[handler(get = ["/orders/{order}", "/shops/{shop}/orders/{order}"])]
async fn order(path: Path<(u64,)>) -> Json<u64> {
    Json(path.0.0)
}

fn main() {}
