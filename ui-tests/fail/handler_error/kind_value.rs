//! A kind is one word.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = "NotFound", "no order")]
    _Text,
    #[error(kind = 404, "no shop")]
    _Status,
    #[error(kind = NotFound(), "no coffee")]
    _Call,
}

fn main() {}
