//! A middleware stands by itself.

use manager_runtime::prelude::*;

struct Log;

impl Log {
    #[middleware]
    async fn log(&self, request: Request, next: Next) -> Result<Response> {
        next.run(request).await
    }
}

fn main() {
    let _ = Log;
}
