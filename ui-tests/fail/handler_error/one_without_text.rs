//! Texts stand on all variants, or on none.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order")]
    _NoOrder,
    #[error(kind = Conflict)]
    _Paid,
}

fn main() {}
