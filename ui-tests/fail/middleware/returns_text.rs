//! The answer of a middleware is a response.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> String {
    let _ = next.run(request).await;
    String::new()
}

fn main() {}
