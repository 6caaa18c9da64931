//! A text names fields that are there.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "größe {nmae}")]
    _Near { name: String },
    #[error(kind = NotFound, "no {id}")]
    _Tuple(u64),
    #[error(kind = NotFound, "no {1}")]
    _TooFar(u64),
    #[error(kind = NotFound, "no {id}")]
    _Nothing,
}

fn main() {}
