//! An enum has a kind for each of its variants.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
#[error(kind = NotFound, "nothing")]
enum ShopError {
    #[error(kind = NotFound, "no order")]
    _NoOrder,
}

fn main() {}
