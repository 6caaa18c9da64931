//! An option stands there once.

use manager_runtime::prelude::*;

#[middleware(path = "/a", path = "/b")]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
