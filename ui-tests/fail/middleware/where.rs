//! There is nothing to bound.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> Result<Response>
where
    Request: Send,
{
    next.run(request).await
}

fn main() {}
