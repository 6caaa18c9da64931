//! Options that need a value say what one looks like.

use manager_runtime::prelude::*;

#[middleware(path, order)]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
