//! Mistakes in all variants are reported together.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFond, "no order {id")]
    _NoOrder {
        id: u64,
    },
    _Closed,
    #[error(kind = Conflict)]
    _Paid,
    #[error(kind = Internal, "database {0}")]
    _Database(#[source] std::io::Error, #[source] std::fmt::Error),
}

/// What uses it is not wrong as well.
#[handler]
async fn pay() -> Result<(), ShopError> {
    Ok(())
}

fn main() {}
