//! Several middlewares stand in brackets.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[handler(get = "/a", with = log, auth)]
async fn logged() {}

fn main() {}
