//! A call sends what its handler takes.

use manager_runtime::prelude::*;

#[message]
struct Sum {
    a: i64,
}

#[handler]
async fn add(sum: Sum) -> Json<i64> {
    Json(sum.a)
}

#[handler]
async fn double(ctx: Context) -> Result<Json<i64>> {
    let once = ctx.call::<add>("five").await?;
    Ok(Json(once * 2))
}

fn main() {}
