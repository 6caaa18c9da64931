//! A path is one text.

use manager_runtime::prelude::*;

#[middleware(path = admin)]
async fn word(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(path = ["/a", "/b"])]
async fn list(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
