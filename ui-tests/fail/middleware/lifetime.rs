//! A middleware borrows nothing.

use manager_runtime::prelude::*;

#[middleware]
async fn log<'a>(request: Request, next: Next, _: Res<&'a str>) -> Result<Response> {
    next.run(request).await
}

fn main() {}
