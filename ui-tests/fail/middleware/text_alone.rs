//! An option begins with its name.

use manager_runtime::prelude::*;

#[middleware("/admin")]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
