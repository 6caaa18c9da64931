//! Handlers in a crate of edition 2021, where paths, closures and `impl Trait` follow other rules.

use manager_runtime::prelude::*;

/// Two numbers.
#[message]
pub struct Sum {
    /// The first.
    pub a: i64,
    /// The second.
    pub b: i64,
}

/// Adds two numbers.
#[handler(replicas = 2)]
pub async fn add_2021(Json(sum): Json<Sum>) -> Result<Json<i64>> {
    Ok(Json(sum.a + sum.b))
}

/// Calls the other one.
#[handler(internal)]
pub async fn double_2021(ctx: Context, sum: Sum) -> Result<Json<i64>> {
    let once = ctx.call::<add_2021>(sum).await?;
    Ok(Json(once * 2))
}

/// Has no name for its reply.
#[handler]
pub async fn greet_2021(name: String) -> impl manager_runtime::IntoReply {
    format!("hello {name}")
}

/// Counts.
#[derive(Default)]
pub struct Counter2021 {
    count: u64,
}

#[handler(name = "counter-2021")]
impl Counter2021 {
    async fn run(&mut self) -> Json<u64> {
        self.count += 1;
        Json(self.count)
    }
}

/// Keeps what it was made with.
pub struct Greeter2021 {
    greeting: String,
}

#[handler]
impl Greeter2021 {
    async fn new(state: std::sync::Arc<SharedState>) -> Result<Self> {
        let greeting = state.get::<String>("greeting")?;
        Ok(Greeter2021 { greeting: greeting.unwrap_or_else(|| "hello".to_owned()) })
    }

    fn run(&self, name: String) -> String {
        format!("{} {name}", self.greeting)
    }
}

/// Counts each request.
#[middleware(global)]
pub async fn log_2021(mut request: Request, next: Next, ctx: Context) -> Result<Response> {
    let count = ctx.state().increment("requests", 1)?;
    let _ = request.extensions_mut().insert(count);
    next.run(request).await
}

/// Says what is not there.
#[catcher(404, path = "/2021")]
pub async fn not_found_2021(caught: Caught) -> impl manager_runtime::IntoReply {
    caught.message()
}

/// What may go wrong.
#[derive(Debug, HandlerError)]
pub enum Wrong2021 {
    /// It is there no more.
    #[error(kind = Gone, "{0} is gone")]
    Gone(u64),
    /// It cannot be read.
    #[error(kind = Internal, "unreadable")]
    Unreadable(#[from] std::io::Error),
}

/// Is reached in several ways.
#[handler(
    get = ["/2021/{id}", "/2021/{n:[0-9]+}-{rest} !"],
    method("LOCK", "/2021/{+path}"),
    host = "{sub}.example.com",
    with = [log_2021]
)]
pub async fn routed_2021(
    _: Option<Path<std::collections::BTreeMap<String, String>>>,
) -> Result<&'static str, Wrong2021> {
    Ok("routed")
}
