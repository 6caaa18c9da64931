//! A flag stands alone.

use manager_runtime::prelude::*;

#[middleware(global = true)]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
