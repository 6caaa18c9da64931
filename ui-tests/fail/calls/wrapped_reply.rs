//! It gives the value, not the wrapper.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> Json<usize> {
    Json(text.len())
}

#[handler]
async fn ask(ctx: Context) -> Result<Json<usize>> {
    ctx.call::<add>("five".to_owned()).await
}

fn main() {}
