//! What `tests/cli` runs: a service with one handler for each thing that can be seen from the outside.
//! The programs to learn from are in the folder `examples` at the top.

#![allow(missing_docs, reason = "a program for tests")]

use std::path::Path;
use std::time::Duration;

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

/// What nobody sells for free.
pub struct Prices {
    pub tea: u32,
}

/// Adds two numbers.
///
/// They may be negative.
#[handler(replicas = 5, queue = 7, timeout = "5s")]
async fn add(Json(sum): Json<Sum>) -> Json<Total> {
    Json(Total { total: sum.a + sum.b })
}

/// Greets whoever it is told to.
#[handler(public)]
async fn greet(name: String) -> String {
    format!("hello {name}")
}

/// Says who called.
#[handler]
async fn who(ctx: Context) -> String {
    ctx.source().to_string()
}

#[handler]
async fn price(prices: Res<Prices>) -> Json<u32> {
    Json(prices.tea)
}

#[handler]
async fn opened(ctx: Context) -> Result<String> {
    Ok(ctx.state().get::<String>("opened")?.unwrap_or_default())
}

/// Sells, and tells whoever wants to know.
#[handler]
async fn sell(ctx: Context, what: String) -> Result<String> {
    ctx.emit("orders.created", what.clone()).await?;
    ctx.emit("orders.forgotten", what.clone()).await?;
    ctx.dispatch("note", what).await?;
    Ok("sold".to_owned())
}

/// Writes into a file, later than its caller answers.
#[handler(internal)]
async fn note(what: String) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(std::fs::write("noted", what)?)
}

#[handler(on = "orders.created")]
async fn hear(what: String) {
    tracing::info!(%what, "heard");
}

/// Says that it has begun, and waits until it may end.
#[handler]
async fn wait() -> Result<String> {
    std::fs::write("begun", "")?;
    while !Path::new("release").exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok("released".to_owned())
}

/// The same on a thread that nothing can stop.
#[handler(blocking)]
fn block() -> Result<String> {
    std::fs::write("begun", "")?;
    while !Path::new("release").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok("released".to_owned())
}

#[handler]
async fn boom() -> String {
    panic!("the shelf fell down")
}

/// Panics where nobody waits for it.
#[handler]
async fn boom_elsewhere() {
    let _ = tokio::spawn(async { panic!("the shelf fell down elsewhere") }).await;
}

#[handler]
async fn fail() -> Result<String> {
    Err(Error::conflict("the till is open"))
}

fn service() -> ExitCode {
    manager! {
        drain: "10s",
        state: { "opened": "at nine" },
        provide: [prices().await?],
    }
}

async fn prices() -> Result<Prices> {
    match std::env::var("SHOP_PRICES").as_deref() {
        Ok("fail") => Err(Error::internal("the list is lost")),
        Ok("panic") => panic!("the list burns"),
        Ok("never") => {
            // Once around, so that whoever waits beside this has begun as well.
            tokio::task::yield_now().await;
            std::fs::write("begun", "")?;
            std::future::pending().await
        }
        _ => Ok(Prices { tea: 7 }),
    }
}

fn main() -> ExitCode {
    if std::env::var_os("SHOP_NESTED").is_some() {
        return tokio::runtime::Runtime::new()
            .map_or(ExitCode::FAILURE, |runtime| runtime.block_on(async { service() }));
    }
    service()
}
