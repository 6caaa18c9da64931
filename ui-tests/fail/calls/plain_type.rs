//! Nor is any type.

use manager_runtime::prelude::*;

#[handler]
async fn ask(ctx: Context) -> Result<()> {
    ctx.call::<String>("five".to_owned()).await?;
    Ok(())
}

fn main() {}
