//! The names of the standard prelude belong to whoever defines them.

#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

use manager_runtime::{Json, handler, message};

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

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.map(|runtime| {
        runtime.block_on(async {
            let running = manager_runtime::Manager::new_default().without_http().spawn().await?;
            let sum = Sum { a: 1, list: std::vec![] };
            assert_eq!(running.context().call::<add>(sum).await?, 1);
            assert_eq!(running.context().call::<Counter>(()).await?, 1);
            assert_eq!(running.context().call::<Made>(()).await?, 5);
            running.stop().await
        })
    });
    assert!(std::matches!(served, std::result::Result::Ok(std::result::Result::Ok(()))));
}
