//! A function is a middleware once.

use manager_runtime::prelude::*;

#[middleware]
#[middleware(global)]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
