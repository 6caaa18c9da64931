//! A middleware stands around everything, or around a part of it.

use manager_runtime::prelude::*;

#[middleware(global, path = "/admin")]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
