//! Middleware in every shape that it may have.

#![deny(warnings)]

use manager_runtime::{Parameter, Part, Parts, prelude::*, role};
use ui_tests::ask;

/// What has run, in order.
fn note(ctx: &Context, name: &str) -> Result<()> {
    let before = ctx.state().get::<String>("ran")?.unwrap_or_default();
    ctx.state().insert("ran", format!("{before}{name} "));
    Ok(())
}

#[middleware(global)]
async fn everywhere(request: Request, next: Next, ctx: Context) -> Result<Response> {
    note(&ctx, "everywhere")?;
    next.run(request).await
}

#[middleware(global, order = -10)]
async fn outside(mut request: Request, next: Next, Shared(ctx): Shared) -> Result<Response> {
    note(&ctx, "outside")?;
    let _ = request.extensions_mut().insert(5_u8);
    next.run(request).await
}

/// Above a part of the paths, with a resource.
#[middleware(path = "/admin", order = 0x10)]
async fn admin(r#in: Request, next: Next, name: Res<String>, ctx: Context) -> Result<Response> {
    note(&ctx, &name)?;
    next.run(r#in).await
}

/// No error is possible.
#[middleware]
async fn infallible(request: Request, next: Next) -> Response {
    next.run(request).await.unwrap_or_default()
}

/// The error is another's.
#[middleware]
async fn foreign(request: Request, next: Next) -> Result<Response, std::num::ParseIntError> {
    let _: u8 = "5".parse()?;
    Ok(next.run(request).await.unwrap_or_default())
}

/// The types have other names.
type Incoming = manager_runtime::Request;
use manager_runtime::Next as Rest;

#[middleware]
async fn renamed_types(
    request: Incoming,
    rest: Rest,
) -> std::result::Result<manager_runtime::Response, Error> {
    rest.run(request).await
}

#[middleware]
async fn r#match(_: Request, _: Next) -> Result<Response> {
    Err(Error::forbidden("not here"))
}

#[middleware]
#[cfg(any(unix, windows))]
async fn there(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[cfg(any())]
#[middleware(global)]
async fn absent(request: NoSuchType, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware(global)]
#[cfg(any())]
async fn absent_too(request: NoSuchType, next: Next) -> Result<Response> {
    next.run(request).await
}

#[cfg_attr(all(), middleware)]
async fn sometimes(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

/// A part of the program's own, as in a handler.
struct Shared(Context);

impl Parameter for Shared {
    type Role = role::Part;
}

impl Part for Shared {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(Shared(parts.context().clone()))
    }
}

// A handler, a middleware and a catcher of one name.
mod handlers {
    use manager_runtime::prelude::*;

    #[handler(get = "/admin/log", with = [super::middlewares::log, super::there, super::sometimes])]
    pub async fn log() -> &'static str {
        "handler"
    }
}

mod middlewares {
    use manager_runtime::prelude::*;

    #[middleware]
    pub(super) async fn log(request: Request, next: Next) -> Result<Response> {
        next.run(request).await
    }
}

mod catchers {
    use manager_runtime::prelude::*;

    #[catcher(403)]
    pub async fn log(caught: Caught) -> String {
        format!("caught {}", caught.status().as_u16())
    }
}

#[handler(get = "/shapes", with = [infallible, foreign, renamed_types, crate::there])]
async fn shapes() -> &'static str {
    "shapes"
}

#[handler(get = "/forbidden", with = r#match)]
async fn forbidden() {}

#[tokio::main]
async fn main() -> Result<()> {
    // Inside of a function, and beside a binding of its name.
    #[middleware]
    async fn inner(request: Request, next: Next) -> Result<Response> {
        next.run(request).await
    }

    #[handler(get = "/inner", with = [inner])]
    async fn within() -> &'static str {
        "within"
    }

    let everywhere = 1;
    assert_eq!(everywhere, 1);

    let running =
        Manager::new_default().provide("admin".to_owned()).with_bind("127.0.0.1:0").spawn().await?;
    let get = |path: &str| ask(running.addr(), &format!("GET {path}"), "");
    assert_eq!(get("/admin/log")?, (200, "handler".to_owned()));
    let ran = running.state().get::<String>("ran")?;
    assert_eq!(ran.as_deref(), Some("outside everywhere admin "));
    assert_eq!(get("/shapes")?, (200, "shapes".to_owned()));
    assert_eq!(get("/inner")?, (200, "within".to_owned()));
    assert_eq!(get("/forbidden")?, (403, "caught 403".to_owned()));
    // It does not stand around what comes by the bus.
    running.context().call::<forbidden>(()).await?;
    assert_eq!(running.context().call::<handlers::log>(()).await?, "handler");
    running.stop().await
}
