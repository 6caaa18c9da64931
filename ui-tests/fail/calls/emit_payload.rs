//! An event carries the same.

use manager_runtime::prelude::*;

#[handler]
async fn ask(ctx: Context) -> Result<()> {
    ctx.emit("added", vec![1u32, 2]).await?;
    Ok(())
}

fn main() {}
