//! A parameter owns its value.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: &Request, next: Next, name: &str) -> Result<Response> {
    drop((request, name));
    next.run(Request::default()).await
}

fn main() {}
