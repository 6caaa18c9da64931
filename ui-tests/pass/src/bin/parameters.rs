//! Parameters in every order, and none.

#![deny(warnings)]

use std::sync::Arc;

use manager_runtime::prelude::*;

#[message]
struct Name {
    name: String,
}

struct Greeting(&'static str);

#[handler]
async fn none() -> &'static str {
    "nothing"
}

#[handler]
async fn message_first(name: Name, ctx: Context, greeting: Res<Greeting>) -> String {
    format!("{} {} from {}", greeting.0, name.name, ctx.handler())
}

#[handler]
async fn message_last(greeting: Res<Greeting>, ctx: Context, name: Name) -> String {
    format!("{} {} from {}", greeting.0, name.name, ctx.handler())
}

#[handler]
async fn message_between(ctx: Context, Json(name): Json<Name>, greeting: Res<Greeting>) -> String {
    format!("{} {} from {}", greeting.0, name.name, ctx.handler())
}

#[handler]
async fn parts_only(ctx: Context, bus: Arc<MultiBus>, state: Arc<SharedState>) -> Result<String> {
    state.insert("key", "value");
    let none = bus.publish("none", ()).await?.text()?;
    Ok(format!("{none} {:?}", ctx.state().get::<String>("key")?))
}

#[handler]
async fn bytes(bytes: Bytes) -> Bytes {
    bytes
}

#[handler]
async fn form(Form(name): Form<Name>) -> String {
    name.name
}

fn ada() -> Name {
    Name { name: "Ada".to_owned() }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().provide(Greeting("hello")).without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<none>(()).await?, "nothing");
    assert_eq!(ctx.call::<message_first>(ada()).await?, "hello Ada from message_first");
    assert_eq!(ctx.call::<message_last>(ada()).await?, "hello Ada from message_last");
    assert_eq!(ctx.call::<message_between>(ada()).await?, "hello Ada from message_between");
    assert_eq!(ctx.call::<parts_only>(()).await?, "nothing Some(\"value\")");
    assert_eq!(ctx.call::<bytes>(Bytes::from_static(b"raw")).await?, "raw");
    assert_eq!(ctx.call::<form>(ada()).await?, "Ada");
    assert_eq!(ctx.publish("form", "name=Ada").await?.text()?, "Ada");
    running.stop().await
}
