//! A kind stands after its word.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind, "no order")]
    _Order,
    #[error(kind = , "no shop")]
    _Shop,
    #[error(NotFound, "no coffee")]
    _Coffee,
}

fn main() {}
