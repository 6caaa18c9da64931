//! Handlers from a library crate: the linker keeps what `manager!` names.

use billing::{Item, invoice};
use manager_runtime::prelude::*;

/// Sells an item: the typed call crosses the crates.
#[handler]
async fn sell(ctx: Context, item: Item) -> Result<String> {
    let invoice = ctx.call::<invoice>(item).await?;
    Ok(format!("sold, {invoice}"))
}

fn main() -> ExitCode {
    manager! { crates: [billing] }
}
