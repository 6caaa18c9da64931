//! Every variant has a kind.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order {0}")]
    _NoOrder(u64),
    _Closed,
}

fn main() {}
