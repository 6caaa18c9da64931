//! The runtime has a path.

use manager_runtime::prelude::*;

#[middleware(crate = 5)]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
