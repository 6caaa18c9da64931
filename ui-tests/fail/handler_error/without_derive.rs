//! A handler's error is one that the runtime knows.

use manager_runtime::prelude::*;

#[derive(Debug)]
enum ShopError {
    _NoOrder,
}

#[handler]
async fn pay() -> Result<(), ShopError> {
    Ok(())
}

fn main() {}
