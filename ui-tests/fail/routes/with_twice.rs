//! A middleware stands around a handler once.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[handler(get = "/a", with = [log, log])]
async fn logged() {}

fn main() {}
