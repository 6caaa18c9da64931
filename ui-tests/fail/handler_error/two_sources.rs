//! An error has one source.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = Internal, "database")]
    _Database(#[source] std::io::Error, #[source] std::fmt::Error),
}

fn main() {}
