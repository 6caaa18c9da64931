//! The names of the standard prelude belong to whoever defines them.

#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

use manager_runtime::{HandlerError, Json, catcher, handler, message, middleware};

pub struct Result;
pub struct String;
pub struct Vec;
pub struct Box;
pub struct Option;
pub struct Ok;
pub struct Err;
pub struct Some;
pub struct None;
pub struct Error;
pub struct Default;
pub struct Into;
pub struct Self_;
pub struct usize_;
pub struct Request;
pub struct Response;
pub struct Next;
pub struct Path;
pub struct Route;
pub struct Pattern;
pub struct Segment;
pub struct Middleware;
pub struct Catcher;
pub struct Kind;
pub struct Reply;
pub struct Caught;
pub struct Formatter;
pub trait Display {}
pub trait Debug {}
pub trait Send {}
pub trait Sync {}
pub trait Sized {}
pub trait Future {}
pub trait Clone {}
pub trait From {}
pub trait Drop {}
pub mod core {}
pub mod alloc {}
pub mod serde {}
pub mod manager_runtime_ {}

#[message]
pub struct Sum {
    pub a: i64,
    pub list: std::vec::Vec<std::option::Option<i64>>,
}

#[message]
pub enum Shape {
    Circle { radius: f64 },
    Square(f64),
    None,
}

#[handler(on = "sums.*", timeout = "1s")]
async fn add(
    ctx: manager_runtime::Context,
    Json(sum): Json<Sum>,
) -> manager_runtime::Result<Json<i64>> {
    let _ = ctx.call::<area>(Shape::Square(2.0)).await?;
    std::result::Result::Ok(Json(sum.a))
}

#[handler]
async fn area(shape: Shape) -> Json<f64> {
    Json(match shape {
        Shape::Circle { radius } => radius * radius * 3.0,
        Shape::Square(side) => side * side,
        Shape::None => 0.0,
    })
}

#[handler]
async fn opaque() -> impl manager_runtime::IntoReply {
    "opaque"
}

#[derive(std::default::Default)]
pub struct Counter(u64);

#[handler]
impl Counter {
    async fn run(&mut self) -> Json<u64> {
        self.0 += 1;
        Json(self.0)
    }
}

pub struct Made(u64);

#[handler]
impl Made {
    async fn new(
        ctx: manager_runtime::Context,
    ) -> std::result::Result<Self, manager_runtime::Error> {
        let _ = ctx;
        std::result::Result::Ok(Made(5))
    }

    fn run(&self) -> Json<u64> {
        Json(self.0)
    }
}

#[middleware(global)]
async fn around(
    request: manager_runtime::Request,
    next: manager_runtime::Next,
) -> manager_runtime::Result<manager_runtime::Response> {
    next.run(request).await
}

#[catcher(404)]
async fn caught(caught: manager_runtime::Caught) -> std::string::String {
    caught.message()
}

#[derive(std::fmt::Debug, HandlerError)]
enum Wrong {
    #[error(kind = NotFound, "no {Some}")]
    #[allow(non_snake_case)]
    None { Some: u8 },
    #[error(kind = Internal, "text")]
    Err(#[from] std::fmt::Error),
}

#[handler(
    get = ["/{Some}/{n:[0-9]+}-x", "/{Some}/{*n} !"],
    host = "{Result}.example.com",
    with = [around],
    moved = "/v2/{Some}",
    deprecated = "until 2027-01-01"
)]
async fn routed(
    _: manager_runtime::Path<(std::string::String, std::string::String, std::string::String)>,
) -> std::result::Result<(), Wrong> {
    std::result::Result::Err(Wrong::None { Some: 5 })
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.map(|runtime| {
        runtime.block_on(async {
            let running = manager_runtime::Manager::new_default().without_http().spawn().await?;
            let sum = Sum { a: 1, list: std::vec![] };
            assert_eq!(running.context().call::<add>(sum).await?, 1);
            assert_eq!(running.context().call::<Counter>(()).await?, 1);
            assert_eq!(running.context().call::<Made>(()).await?, 5);
            assert!(running.context().call::<routed>(()).await.is_err());
            running.stop().await
        })
    });
    assert!(std::matches!(served, std::result::Result::Ok(std::result::Result::Ok(()))));
}
