//! Handlers of a crate that calls the runtime by another name, and a program that does.

#![deny(warnings)]

extern crate manager_runtime as service;

use renamed::{CounterRenamed, Sum, add_renamed};

#[service::message(crate = service)]
struct Name {
    name: String,
}

#[service::handler(crate = service)]
async fn greet(name: Name) -> String {
    format!("hello {}", name.name)
}

#[service::handler(crate = "service", on = "counted")]
async fn opaque() -> impl service::IntoReply {}

#[derive(Default)]
struct Counter;

#[service::handler(crate = crate::service)]
impl Counter {
    async fn run(&mut self) {}
}

fn serve() -> std::process::ExitCode {
    service::manager! { crate: service, crates: [renamed] }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> service::Result<()> {
    let _: fn() -> std::process::ExitCode = serve;
    let running = service::Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<add_renamed>(Sum { a: 2, b: 3 }).await?, 5);
    assert_eq!(ctx.call::<CounterRenamed>(()).await?, 1);
    assert_eq!(ctx.publish("greet_renamed", "Ada").await?.text()?, "Ada");
    assert_eq!(ctx.call::<greet>(Name { name: "Ada".to_owned() }).await?, "hello Ada");
    ctx.call::<Counter>(()).await?;
    running.stop().await
}
