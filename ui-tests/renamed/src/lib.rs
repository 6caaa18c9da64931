//! Handlers in a crate that knows the runtime as `service` and by no other name.

use service::prelude::*;

/// Two numbers.
#[message(crate = service)]
pub struct Sum {
    /// The first.
    pub a: i64,
    /// The second.
    pub b: i64,
}

/// Adds two numbers.
#[handler(crate = service)]
pub async fn add_renamed(sum: Sum) -> Json<i64> {
    Json(sum.a + sum.b)
}

/// Says the path as text, and has no name for its reply.
#[handler(crate = "::service")]
pub async fn greet_renamed(name: String) -> impl service::IntoReply {
    name
}

/// Counts from where it was told to.
pub struct CounterRenamed {
    count: i64,
}

#[handler(crate = service)]
impl CounterRenamed {
    fn new(ctx: Context) -> Result<Self> {
        Ok(CounterRenamed { count: ctx.state().get::<i64>("from")?.unwrap_or(0) })
    }

    async fn run(&mut self) -> Json<i64> {
        self.count += 1;
        Json(self.count)
    }
}

/// Counts each request.
#[middleware(global, crate = service)]
pub async fn log_renamed(mut request: Request, next: Next, ctx: Context) -> Result<Response> {
    let count = ctx.state().increment("requests", 1)?;
    let _ = request.extensions_mut().insert(count);
    next.run(request).await
}

/// Says what is not there.
#[catcher(404, path = "/renamed", crate = service)]
pub async fn not_found_renamed(caught: Caught) -> impl service::IntoReply {
    caught.message()
}

/// What may go wrong.
#[derive(Debug, HandlerError)]
#[error(crate = service)]
pub enum WrongRenamed {
    /// It is there no more.
    #[error(kind = Gone, "{0} is gone")]
    Gone(u64),
    /// It cannot be read.
    #[error(kind = Internal, "unreadable")]
    Unreadable(#[from] std::io::Error),
}

/// Is reached in several ways.
#[handler(
    get = ["/renamed/{id}", "/renamed/{n:[0-9]+}-{rest} !"],
    method("LOCK", "/renamed/{+path}"),
    host = "{sub}.example.com",
    with = [log_renamed], crate = service
)]
pub async fn routed_renamed(
    _: Option<Path<std::collections::BTreeMap<String, String>>>,
) -> Result<&'static str, WrongRenamed> {
    Ok("routed")
}
