//! The attribute says something.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error]
    _Nothing,
    #[error()]
    _Empty,
    #[error = "no shop"]
    _Equals,
}

fn main() {}
