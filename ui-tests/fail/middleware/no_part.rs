//! The other parameters are parts of a call.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next, count: u32) -> Result<Response> {
    drop(count);
    next.run(request).await
}

fn main() {}
