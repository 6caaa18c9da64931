//! What is sent by name is text, bytes or JSON.

use manager_runtime::prelude::*;

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    ctx.publish("add", 5).await?.text()
}

fn main() {}
