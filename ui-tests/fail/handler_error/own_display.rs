//! A type says in one place what its text is.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
#[error(kind = NotFound, "no order")]
struct NoOrder;

impl std::fmt::Display for NoOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no order")
    }
}

fn main() {}
