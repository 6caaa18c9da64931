//! The first program of the design, called through the bus.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[message]
pub struct Sum {
    pub a: i64,
    pub b: i64,
}

#[message]
pub struct Total {
    pub total: i64,
}

/// Adds two numbers.
#[handler(name = "add", replicas = 5)]
async fn add(Json(sum): Json<Sum>) -> Json<Total> {
    Json(Total { total: sum.a + sum.b })
}

#[handler(name = "double", replicas = 2)]
async fn double(ctx: Context, Json(sum): Json<Sum>) -> Result<Json<Total>> {
    let once = ctx.call::<add>(sum).await?;
    let twice = ctx.call::<add>(Sum { a: once.total, b: once.total }).await?;
    ctx.dispatch("audit", "doubled").await?;
    Ok(Json(twice))
}

#[handler(name = "audit", internal)]
async fn audit(ctx: Context, what: String) {
    assert_eq!((ctx.source().to_string().as_str(), what.as_str()), ("double", "doubled"));
}

/// What the program's own `main` would be.
fn serve() -> ExitCode {
    manager!()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let _: fn() -> ExitCode = serve;
    let running = Manager::new_default().without_http().spawn().await?;
    let reply = running.context().call::<double>(Sum { a: 2, b: 3 }).await?;
    assert_eq!(reply.total, 10);
    let reply = running.context().publish("double", r#"{"a":2,"b":3}"#).await?;
    assert_eq!(reply.text()?, r#"{"total":10}"#);
    running.stop().await
}
