//! A text names fields; no values follow it.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order {}", id)]
    _NoOrder { id: u64 },
    #[error(kind = Conflict, "paid {0}", .0)]
    _Paid(u64),
    #[error(kind = Gone, "closed since {day}", day = 5)]
    _Closed,
}

fn main() {}
