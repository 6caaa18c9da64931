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

#[service::middleware(crate = service)]
async fn log(request: service::Request, next: service::Next) -> service::Result<service::Response> {
    next.run(request).await
}

#[service::catcher(418, crate = "service")]
async fn teapot(caught: service::Caught) -> String {
    caught.message()
}

#[derive(Debug, service::HandlerError)]
#[error(kind = NotFound, "nobody is called {name}", crate = service)]
struct Nobody {
    name: String,
}

#[service::handler(get = "/nobody/{name}", with = [log, renamed::log_renamed], crate = service)]
async fn nobody(name: Name) -> Result<(), Nobody> {
    Err(Nobody { name: name.name })
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
    let error = ctx.call::<nobody>(Name { name: "Ada".to_owned() }).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (service::Kind::NotFound, "nobody is called Ada"));
    let error = service::Error::from(renamed::WrongRenamed::Gone(5));
    assert_eq!((error.kind(), error.message()), (service::Kind::Gone, "5 is gone"));
    running.stop().await
}
