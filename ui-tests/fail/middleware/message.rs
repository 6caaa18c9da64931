//! The body belongs to the request.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next, text: String) -> Result<Response> {
    drop(text);
    next.run(request).await
}

fn main() {}
