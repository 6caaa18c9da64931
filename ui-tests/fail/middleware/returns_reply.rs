//! A reply of a handler is no response yet.

use manager_runtime::prelude::*;

#[middleware]
async fn log(_: Request, _: Next) -> Result<Json<u32>> {
    Ok(Json(5))
}

fn main() {}
