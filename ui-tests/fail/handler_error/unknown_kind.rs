//! A kind is one of those that the runtime has.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFond, "no order")]
    _NoOrder,
    #[error(kind = not_found, "no shop")]
    _NoShop,
    #[error(kind = Teapot, "no coffee")]
    _NoCoffee,
}

fn main() {}
