//! Events: whoever subscribes to a topic hears them, each through its own queue.

use manager_runtime::prelude::*;

/// Takes an order and tells whom it may concern.
#[handler]
async fn order(ctx: Context, item: String) -> Result<String> {
    let hearers = ctx.emit("orders.created", &item).await?;
    Ok(format!("{item} is ordered, {hearers} were told"))
}

/// Hears of new orders only.
#[handler(on = "orders.created")]
async fn packing(ctx: Context, item: String) -> Result<()> {
    ctx.state().increment("packed", 1)?;
    tracing::info!(%item, "packed");
    Ok(())
}

/// Hears everything about orders.
#[handler(on = "orders.>")]
async fn ledger(ctx: Context, item: String) {
    tracing::info!(event = %ctx.source(), %item, "written down");
}

/// How many were packed.
#[handler]
async fn packed(ctx: Context) -> Result<Json<i64>> {
    Ok(Json(ctx.state().get::<i64>("packed")?.unwrap_or(0)))
}

fn main() -> ExitCode {
    manager!()
}
