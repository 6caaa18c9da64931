//! A middleware is one set of types.

use manager_runtime::prelude::*;

#[middleware]
async fn log<T>(request: Request, next: Next, _: Res<T>) -> Result<Response> {
    next.run(request).await
}

fn main() {}
