//! A function is a middleware by its attribute.

use manager_runtime::prelude::*;

async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[handler(get = "/a", with = [log])]
async fn logged() {
    let _ = log;
}

fn main() {}
