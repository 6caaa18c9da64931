//! Whoever does not wait sends the same.

use manager_runtime::prelude::*;

#[handler]
async fn add(Json(number): Json<i64>) {
    drop(number);
}

#[handler]
async fn ask(ctx: Context) -> Result<()> {
    ctx.send::<add>("five").await
}

fn main() {}
