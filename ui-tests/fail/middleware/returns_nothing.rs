//! A middleware answers.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) {
    let _ = next.run(request).await;
}

fn main() {}
