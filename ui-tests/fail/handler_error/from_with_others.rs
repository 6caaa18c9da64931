//! What `?` makes an error of is all that it holds.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = Internal, "database {1}")]
    _Database(#[from] std::io::Error, u64),
}

fn main() {}
