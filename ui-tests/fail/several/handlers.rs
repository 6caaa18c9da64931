//! A mistake in one handler is none in the others, nor in their calls.

use manager_runtime::prelude::*;

#[handler(replica = 5)]
async fn add(text: String) -> String {
    text
}

#[handler(timeout = "soon")]
async fn double(ctx: Context, text: String) -> Result<String> {
    ctx.call::<add>(text).await
}

#[handler]
async fn triple(ctx: Context, text: String) -> Result<String> {
    ctx.call::<double>(text).await
}

fn main() {}
