//! A parameter is there or not, but not both.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next, #[cfg(test)] _: Context) -> Result<Response> {
    next.run(request).await
}

fn main() {}
