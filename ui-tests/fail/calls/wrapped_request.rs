//! It sends the value, not the wrapper.

use manager_runtime::prelude::*;

#[handler]
async fn add(Json(number): Json<i64>) -> Json<i64> {
    Json(number)
}

#[handler]
async fn double(ctx: Context) -> Result<Json<i64>> {
    let once = ctx.call::<add>(Json(5)).await?;
    Ok(Json(once * 2))
}

fn main() {}
