//! A parameter is a pattern.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[message]
struct Sum {
    a: i64,
    b: i64,
}

#[handler]
async fn fields(Json(Sum { a, b }): Json<Sum>) -> Json<i64> {
    Json(a + b)
}

#[handler]
async fn bare(Sum { a, .. }: Sum) -> Json<i64> {
    Json(a)
}

#[handler]
async fn mutable(mut text: String, _: Context) -> String {
    text.push('!');
    text
}

#[handler]
async fn inside(Json(mut list): Json<Vec<i64>>) -> Json<Vec<i64>> {
    list.reverse();
    Json(list)
}

#[handler]
async fn ignored(_: String) {}

#[handler]
async fn tuple(Json((a, [b, .., c])): Json<(i64, [i64; 4])>) -> Json<i64> {
    Json(a + b + c)
}

#[handler]
async fn whole(all @ Sum { b, .. }: Sum) -> Json<i64> {
    Json(all.a * b)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<fields>(Sum { a: 1, b: 2 }).await?, 3);
    assert_eq!(ctx.call::<bare>(Sum { a: 1, b: 2 }).await?, 1);
    assert_eq!(ctx.call::<mutable>("go".to_owned()).await?, "go!");
    assert_eq!(ctx.call::<inside>(vec![1, 2]).await?, [2, 1]);
    assert_eq!(ctx.call::<tuple>((1, [2, 3, 4, 5])).await?, 8);
    assert_eq!(ctx.call::<whole>(Sum { a: 3, b: 2 }).await?, 6);
    ctx.call::<ignored>(String::new()).await?;
    running.stop().await
}
