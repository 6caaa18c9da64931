//! After a colon comes a format.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order {id:zz}")]
    _Unknown { id: u64 },
    #[error(kind = NotFound, "no order {id:>w$}")]
    _Width { id: u64 },
    #[error(kind = NotFound, "no order {id:.*}")]
    _Precision { id: u64 },
}

fn main() {}
