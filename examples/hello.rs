//! The smallest service: two handlers that call a third.
//!
//! `cargo run --bin hello`, and then `curl -d '{"a":1,"b":2}' localhost:8080/double`.

use manager_runtime::prelude::*;

/// Two numbers.
#[message]
pub struct Sum {
    /// One number.
    pub a: i64,
    /// The other.
    pub b: i64,
}

/// What they make.
#[message]
pub struct Total {
    /// The sum.
    pub total: i64,
}

/// Adds two numbers.
#[handler(name = "add", replicas = 5)]
async fn add(Json(sum): Json<Sum>) -> Json<Total> {
    Json(Total { total: sum.a + sum.b })
}

/// Adds two numbers, twice.
#[handler(name = "double", replicas = 2)]
async fn double(ctx: Context, Json(sum): Json<Sum>) -> Result<Json<Total>> {
    let once = ctx.call::<add>(sum).await?; // checked by the compiler
    let twice = ctx.call::<add>(Sum { a: once.total, b: once.total }).await?;
    ctx.dispatch("audit", "doubled").await?; // by name, fire and forget
    Ok(Json(twice))
}

/// Writes into the log what was done.
#[handler(name = "audit", internal)]
async fn audit(ctx: Context, what: String) {
    tracing::info!(from = %ctx.source(), %what);
}

fn main() -> ExitCode {
    manager!()
}
