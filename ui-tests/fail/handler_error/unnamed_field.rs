//! A text names its fields.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order {}")]
    _NoOrder { id: u64 },
    #[error(kind = NotFound, "nothing {}")]
    _Nothing,
}

fn main() {}
