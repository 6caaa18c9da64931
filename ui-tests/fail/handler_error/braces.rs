//! Literal braces are doubled.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "größe {id")]
    _Opened { id: u64 },
    #[error(kind = NotFound, "größe id}")]
    _Closed { id: u64 },
}

fn main() {}
