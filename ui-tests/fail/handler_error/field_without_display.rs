//! What a text shows can be shown.

use manager_runtime::prelude::*;

#[derive(Debug)]
struct Order;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order {0}")]
    _NoOrder(Order),
}

fn main() {
    let _ = Order;
}
