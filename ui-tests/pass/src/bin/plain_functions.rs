//! Functions that are not async.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[handler]
fn quick(text: String) -> String {
    text.to_uppercase()
}

#[handler(blocking)]
fn slow(Json(numbers): Json<Vec<u64>>) -> Json<u64> {
    std::thread::sleep(std::time::Duration::from_millis(1));
    Json(numbers.into_iter().sum())
}

#[handler(blocking, replicas = 4)]
fn fallible(ctx: Context, text: String) -> Result<String> {
    Ok(format!("{} {}", ctx.handler(), text.parse::<u64>()?))
}

#[handler]
fn nothing() {}

#[tokio::main]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<quick>("text".to_owned()).await?, "TEXT");
    assert_eq!(ctx.call::<slow>(vec![1, 2, 3]).await?, 6);
    assert_eq!(ctx.call::<fallible>("5".to_owned()).await?, "fallible 5");
    assert!(ctx.call::<fallible>("five".to_owned()).await.is_err());
    ctx.call::<nothing>(()).await?;
    running.stop().await
}
