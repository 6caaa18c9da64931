//! What is taken of a path is made by serde.

use manager_runtime::prelude::*;

struct Order(u64);

#[handler(get = "/orders/{order}")]
async fn order(Path(order): Path<Order>) -> Json<u64> {
    Json(order.0)
}

fn main() {}
