//! Parts of one request may read an identity side by side.

use std::cell::Cell;

use manager_runtime::prelude::*;

#[authenticator]
async fn session() -> Result<Cell<u8>> {
    Ok(Cell::new(1))
}

fn main() {}
