//! Without the prelude everything has its path.

#![no_implicit_prelude]
#![deny(warnings)]

use ::manager_runtime::{
    Bytes, Context, HandlerError, Json, Manager, catcher, handler, manager, message, middleware,
};

#[message]
pub struct Sum {
    pub a: i64,
    pub b: ::std::option::Option<::std::vec::Vec<i64>>,
}

#[message]
pub enum Shape {
    Point,
    Circle { radius: f64 },
    Line(f64, f64),
}

#[handler(on = ["a", "b"], replicas = 2, timeout = "1s")]
async fn add(ctx: Context, Json(sum): Json<Sum>) -> ::manager_runtime::Result<Json<i64>> {
    ctx.dispatch("bytes", "text").await?;
    ::std::result::Result::Ok(Json(sum.a))
}

#[handler]
async fn bytes(bytes: Bytes) -> Bytes {
    bytes
}

#[handler]
async fn shape(shape: Shape) -> Shape {
    shape
}

#[handler(blocking)]
fn nothing() {}

#[handler]
async fn opaque() -> impl ::manager_runtime::IntoReply {
    "opaque"
}

#[derive(::std::default::Default)]
struct Counter(u64);

#[handler]
impl Counter {
    async fn run(&mut self) -> Json<u64> {
        self.0 += 1;
        Json(self.0)
    }
}

struct Made(u64);

#[handler]
impl Made {
    fn new(start: ::manager_runtime::Res<u64>) -> Self {
        Made(*start)
    }

    fn run(&self) -> Json<u64> {
        Json(self.0)
    }
}

#[middleware(global, order = -1)]
async fn log(
    request: ::manager_runtime::Request,
    next: ::manager_runtime::Next,
    ctx: Context,
) -> ::manager_runtime::Result<::manager_runtime::Response> {
    ctx.dispatch("bytes", "text").await?;
    next.run(request).await
}

#[catcher(404, path = "/nothing")]
async fn not_found(caught: ::manager_runtime::Caught) -> ::std::string::String {
    caught.message()
}

#[derive(::std::fmt::Debug, HandlerError)]
enum Wrong {
    #[error(kind = NotFound, "no {name}")]
    Nothing { name: u8 },
    #[error(kind = Internal, "text")]
    Text(#[from] ::std::fmt::Error),
}

#[handler(
    get = ["/{id}/{n:[0-9]+}-x", "/{id}/{*n} !"],
    method("LOCK", "/{id}/{n} ?*"),
    host = "{sub}.example.com",
    with = [log],
    moved = "/v2/{id}",
    deprecated = "until 2027-01-01"
)]
async fn routed(
    _: ::manager_runtime::Path<(
        ::std::string::String,
        ::std::string::String,
        ::std::string::String,
    )>,
) -> ::std::result::Result<(), Wrong> {
    let () = ::std::result::Result::<(), ::std::fmt::Error>::Ok(())?;
    ::std::result::Result::Err(Wrong::Nothing { name: 5 })
}

fn serve() -> ::std::process::ExitCode {
    manager! {
        bind: "127.0.0.1:0",
        drain: "1s",
        state: { "count": 0 },
        provide: [5_u64],
    }
}

async fn called() -> ::manager_runtime::Result<()> {
    let running = Manager::new_default().provide(5_u64).without_http().spawn().await?;
    let ctx = running.context();
    let sum = Sum { a: 1, b: ::std::option::Option::None };
    ::std::assert_eq!(ctx.call::<add>(sum).await?, 1);
    ::std::assert_eq!(ctx.call::<Counter>(()).await?, 1);
    ::std::assert_eq!(ctx.call::<Made>(()).await?, 5);
    ::std::assert!(ctx.call::<routed>(()).await.is_err());
    running.stop().await
}

fn main() {
    let _: fn() -> ::std::process::ExitCode = serve;
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
    let called = runtime.map(|runtime| runtime.block_on(called()));
    ::std::assert!(::std::matches!(
        called,
        ::std::result::Result::Ok(::std::result::Result::Ok(()))
    ));
}
