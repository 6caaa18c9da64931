//! Where nothing is captured, nothing can be taken.

use manager_runtime::prelude::*;

#[handler(get = "/orders")]
async fn orders(Path((order,)): Path<(u64,)>) -> Json<u64> {
    Json(order)
}

fn main() {}
