//! A middleware hides no type that everybody needs.

use manager_runtime::prelude::*;

#[middleware]
async fn u32(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
