//! A function without `#[handler]` is not called through the bus.

use manager_runtime::prelude::*;

#[allow(dead_code)]
async fn add(text: String) -> String {
    text
}

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    ctx.call::<add>("five".to_owned()).await
}

fn main() {}
