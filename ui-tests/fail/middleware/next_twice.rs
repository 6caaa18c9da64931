//! What comes after a middleware runs once.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> Result<Response> {
    let _ = next.run(Request::default()).await;
    next.run(request).await
}

fn main() {}
