//! A middleware never meets what is not called over HTTP.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[handler(internal, with = [log])]
async fn inside() {}

#[handler(on = "orders.*", with = [log])]
async fn hear(_: String) {}

fn main() {}
