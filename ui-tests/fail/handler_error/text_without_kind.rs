//! A text alone is that of another derive.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error("no order {0}")]
    _NoOrder(u64),
}

fn main() {}
