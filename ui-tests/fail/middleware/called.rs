//! A middleware is no handler that could be called.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[handler]
async fn call(ctx: Context) -> Result<()> {
    ctx.call::<log>(()).await
}

fn main() {}
