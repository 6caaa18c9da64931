//! Middleware and catchers: what stands around handlers, and what errors look like.

use manager_runtime::HeaderValue;
use manager_runtime::prelude::*;

/// Who is asking: left for the handler by the middleware.
#[derive(Clone)]
pub struct User(String);

/// Around everything: every answer says how long it took.
#[middleware(global)]
async fn timed(request: Request, next: Next) -> Result<Response> {
    let begin = std::time::Instant::now();
    let mut response = next.run(request).await?;
    let millis = HeaderValue::from(begin.elapsed().as_millis() as u64);
    response.headers_mut().insert("x-millis", millis);
    Ok(response)
}

/// Around `/desk` and everything below it.
#[middleware(path = "/desk")]
async fn known(mut request: Request, next: Next) -> Result<Response> {
    let name = request.headers().get("x-user").and_then(|name| name.to_str().ok());
    let Some(name) = name else { return Err(Error::forbidden("say who you are in X-User")) };
    let user = User(name.to_owned());
    request.extensions_mut().insert(user);
    next.run(request).await
}

/// Around the handlers that name it.
#[middleware]
async fn counted(request: Request, next: Next, ctx: Context) -> Result<Response> {
    ctx.state().increment("opened", 1)?;
    next.run(request).await
}

#[handler(get = "/desk/drawer", with = [counted])]
async fn drawer(ctx: Context, Extension(User(name)): Extension<User>) -> Result<String> {
    let opened = ctx.state().get::<i64>("opened")?.unwrap_or(0);
    Ok(format!("{name} opens the drawer, number {opened}"))
}

#[catcher(404)]
async fn nothing_here(caught: Caught) -> String {
    format!("there is nothing at {}", caught.uri().path())
}

fn main() -> ExitCode {
    manager!()
}
