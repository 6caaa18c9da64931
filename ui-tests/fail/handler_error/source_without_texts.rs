//! A type that has no texts here says elsewhere what its source is.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = Internal)]
    _Database(#[source] std::io::Error),
}

impl std::fmt::Display for ShopError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("shop")
    }
}

impl std::error::Error for ShopError {}

fn main() {}
