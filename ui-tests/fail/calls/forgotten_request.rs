//! With one it sends that.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> String {
    text
}

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    ctx.call::<add>().await
}

fn main() {}
