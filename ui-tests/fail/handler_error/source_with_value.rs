//! These attributes take nothing.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = Internal, "database")]
    _Database(#[from(io)] std::io::Error),
    #[error(kind = Internal, "text")]
    _Text(#[source = "fmt"] std::fmt::Error),
}

fn main() {}
