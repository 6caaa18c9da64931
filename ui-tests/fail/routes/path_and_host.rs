//! What the host captured stands in the tuple as well.

use manager_runtime::prelude::*;

#[handler(get = "/orders/{order}", host = "{shop}.example.com")]
async fn order(Path((order,)): Path<(u64,)>) -> Json<u64> {
    Json(order)
}

fn main() {}
