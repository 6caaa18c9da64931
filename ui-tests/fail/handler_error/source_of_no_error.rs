//! A source is an error.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = Internal, "database")]
    _Database(#[source] String),
}

fn main() {}
