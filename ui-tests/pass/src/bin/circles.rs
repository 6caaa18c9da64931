//! Handlers that call each other, and themselves, in any order.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[handler(replicas = 20)]
async fn even(ctx: Context, Json(number): Json<u32>) -> Result<Json<bool>> {
    match number {
        0 => Ok(Json(true)),
        number => Ok(Json(ctx.call::<odd>(number - 1).await?)),
    }
}

#[handler(replicas = 20)]
async fn odd(ctx: Context, Json(number): Json<u32>) -> Result<Json<bool>> {
    match number {
        0 => Ok(Json(false)),
        number => Ok(Json(ctx.call::<even>(number - 1).await?)),
    }
}

#[handler(replicas = 20)]
async fn count(ctx: Context, Json(number): Json<u32>) -> Result<Json<u32>> {
    match number {
        0 => Ok(Json(0)),
        number => Ok(Json(ctx.call::<count>(number - 1).await? + 1)),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    assert!(running.context().call::<even>(10).await?);
    assert_eq!(running.context().call::<count>(10).await?, 10);
    running.stop().await
}
