//! An error has one text.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order", "nothing")]
    _NoOrder,
}

fn main() {}
