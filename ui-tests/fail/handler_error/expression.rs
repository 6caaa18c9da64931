//! A text names fields, and computes nothing.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order {id.get()}")]
    _NoOrder { id: u64 },
    #[error(kind = NotFound, "no order { id }")]
    _Spaces { id: u64 },
}

fn main() {}
