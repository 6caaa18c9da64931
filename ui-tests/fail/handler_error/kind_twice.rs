//! An error has one kind.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, kind = Gone, "no order")]
    _Order,
    #[kind(Gone)]
    #[error(kind = Gone, "no shop")]
    _Shop,
}

fn main() {}
