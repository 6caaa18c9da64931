//! What is called otherwise elsewhere.

use manager_runtime::prelude::*;

#[middleware(name = "log", prefix = "/a", priority = 1, get = "/b")]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
