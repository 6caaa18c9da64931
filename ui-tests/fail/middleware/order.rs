//! The order is a whole number.

use manager_runtime::prelude::*;

#[middleware(global, order = "first")]
async fn text(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(global, order = 1.5)]
async fn half(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(global, order = 3_000_000_000)]
async fn large(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
