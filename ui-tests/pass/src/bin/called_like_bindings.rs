//! A handle is a type only, so that a binding of the same name stays a binding.

#![deny(warnings)]
#![expect(clippy::let_and_return, reason = "the binding is the point")]

use manager_runtime::prelude::*;

#[handler]
async fn body(data: String) -> String {
    let body = data;
    body
}

#[handler]
async fn id(Json(id): Json<u32>) -> Json<u32> {
    Json(id)
}

#[handler]
async fn req(req: String) -> String {
    req
}

#[handler]
async fn data(ctx: Context, data: Bytes) -> Result<String> {
    let req = ctx.call::<req>("asked".to_owned()).await?;
    Ok(format!("{req} {}", data.len()))
}

#[handler]
async fn r#type(r#type: String) -> String {
    r#type
}

#[handler]
async fn add(Json((a, b)): Json<(i64, i64)>) -> Json<i64> {
    Json(a + b)
}

// The attribute of tokio has a `let body` of its own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    let add = 1;
    let id = ctx.call::<id>(add).await?;
    let Some((body, r#type)) = Some(("a body", "a type")) else { return Ok(()) };
    assert_eq!(id, 1);
    assert_eq!(ctx.call::<body>(body.to_owned()).await?, "a body");
    assert_eq!(ctx.call::<r#type>(r#type.to_owned()).await?, "a type");
    assert_eq!(ctx.publish("type", r#type).await?.text()?, "a type");
    for data in ["1", "22"] {
        let req = ctx.call::<data>(data.into()).await?;
        assert_eq!(req, format!("asked {}", data.len()));
    }
    let sum = |add: (i64, i64)| ctx.call::<add>(add);
    assert_eq!(sum((2, 3)).await?, 5);
    running.stop().await
}
