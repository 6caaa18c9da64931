//! Text names a handler for `publish`.

use manager_runtime::prelude::*;

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    ctx.call("add", "five").await
}

fn main() {}
