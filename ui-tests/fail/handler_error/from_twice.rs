//! What `?` makes of an error is one variant.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = Internal, "database")]
    _Database(#[from] std::io::Error),
    #[error(kind = Internal, "files")]
    _Files(#[from] std::io::Error),
}

fn main() {}
