//! Parts of a call stand after the request and what comes after it.

use manager_runtime::prelude::*;

#[middleware]
async fn log(ctx: Context, request: Request, next: Next) -> Result<Response> {
    ctx.state().increment("calls", 1)?;
    next.run(request).await
}

fn main() {}
