//! A function is a middleware or a handler.

use manager_runtime::prelude::*;

#[middleware]
#[handler]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

/// What names it is not wrong as well.
#[handler(get = "/a", with = [log])]
async fn logged() {}

fn main() {}
