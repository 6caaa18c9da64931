//! A kind and a text of ours stand in one attribute.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound)]
    #[error("no order")]
    _NoOrder,
}

fn main() {}
