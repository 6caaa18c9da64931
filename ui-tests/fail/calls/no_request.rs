//! Without a message it sends nothing.

use manager_runtime::prelude::*;

#[handler]
async fn tick() -> String {
    "tock".to_owned()
}

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    ctx.call::<tick>("now").await
}

fn main() {}
