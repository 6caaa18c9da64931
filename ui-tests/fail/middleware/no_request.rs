//! The first parameter is the request, the second what comes after.

use manager_runtime::prelude::*;

#[middleware]
async fn log(next: Next, request: Request) -> Result<Response> {
    next.run(request).await
}

fn main() {}
