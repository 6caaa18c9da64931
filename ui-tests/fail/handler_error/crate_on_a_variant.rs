//! The path of the runtime stands on the type.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order", crate = manager_runtime)]
    _NoOrder,
}

fn main() {}
