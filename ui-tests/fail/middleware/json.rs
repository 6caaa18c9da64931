//! The body belongs to the request, in whatever form.

use manager_runtime::prelude::*;

#[middleware(global)]
async fn log(request: Request, next: Next, _: Context, Json(count): Json<u32>) -> Result<Response> {
    drop(count);
    next.run(request).await
}

fn main() {}
