//! A block is looked at like a function.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Orders;

#[handler(get = "/orders/{order}")]
impl Orders {
    async fn run(&mut self, Path((shop, order)): Path<(String, u64)>) -> String {
        format!("{shop} {order}")
    }
}

fn main() {}
