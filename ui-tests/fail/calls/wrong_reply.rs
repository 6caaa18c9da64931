//! A call gives what its handler returns.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> Json<usize> {
    Json(text.len())
}

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    let length: String = ctx.call::<add>("five".to_owned()).await?;
    Ok(length)
}

fn main() {}
