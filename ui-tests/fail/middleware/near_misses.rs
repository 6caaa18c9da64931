//! A slip of the pen is met with the word that was meant.

use manager_runtime::prelude::*;

#[middleware(gobal, paht = "/a", oder = 1, crat = manager_runtime)]
async fn log(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
