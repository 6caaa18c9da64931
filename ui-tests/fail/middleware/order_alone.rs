//! Where a middleware is named, the list is the order.

use manager_runtime::prelude::*;

#[middleware(order = 10)]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
