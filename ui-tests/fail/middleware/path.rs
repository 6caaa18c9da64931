//! A path is a prefix of whole segments.

use manager_runtime::prelude::*;

#[middleware(path = "admin")]
async fn no_slash(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(path = "/größe/{id}")]
async fn capture(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(path = "/admin/")]
async fn slash(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(path = "/admin/*")]
async fn star(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(path = "/admin *")]
async fn suffix(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

fn main() {}
