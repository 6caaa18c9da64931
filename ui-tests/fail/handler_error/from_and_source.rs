//! What an error is made of is its source.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = Internal, "database")]
    _Database(
        #[source]
        #[from]
        std::io::Error,
    ),
}

fn main() {}
