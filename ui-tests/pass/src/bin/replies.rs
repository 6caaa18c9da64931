//! Everything that may be returned.

#![deny(warnings)]

use std::error::Error as StdError;
use std::fmt;

use manager_runtime::{BoxError, IntoReply, prelude::*};

#[message]
struct Total {
    total: i64,
}

#[handler]
async fn unit() {}

#[handler]
async fn unit_written() -> () {}

#[handler]
async fn text() -> String {
    "text".to_owned()
}

#[handler]
async fn static_text() -> &'static str {
    "static"
}

#[handler]
async fn bytes() -> Bytes {
    Bytes::from_static(b"bytes")
}

#[handler]
async fn vec() -> Vec<u8> {
    b"vec".to_vec()
}

#[handler]
async fn json() -> Json<Vec<Option<u8>>> {
    Json(vec![Some(1), None])
}

#[handler]
async fn total() -> Total {
    Total { total: 5 }
}

#[handler]
async fn passed_on(ctx: Context) -> Result<Reply> {
    ctx.publish("text", ()).await
}

#[handler]
async fn option(Json(some): Json<bool>) -> Option<Total> {
    some.then_some(Total { total: 1 })
}

#[handler]
async fn of_the_runtime() -> Result<String> {
    Err(Error::conflict("two of them"))
}

#[handler]
async fn named() -> Result<String, Error> {
    Err(Error::gone("was here"))
}

#[handler]
async fn standard() -> Result<(), std::num::ParseIntError> {
    "five".parse::<u8>().map(drop)
}

#[handler]
async fn boxed() -> Result<Json<u8>, Box<dyn StdError + Send + Sync>> {
    Ok(Json("5".parse()?))
}

#[handler]
async fn boxed_by_alias() -> std::result::Result<Option<&'static str>, BoxError> {
    Err("no more".into())
}

#[handler]
async fn as_text() -> Result<Total, String> {
    Err("as text".to_owned())
}

#[derive(Debug)]
enum Own {
    Broken,
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl StdError for Own {}

#[handler]
async fn own() -> Result<Option<Total>, Own> {
    Err(Own::Broken)
}

#[handler]
async fn own_by_question_mark() -> Result<Total> {
    Err(Own::Broken)?
}

#[handler]
async fn opaque() -> impl IntoReply {
    Some("opaque")
}

#[handler]
fn opaque_result() -> Result<impl IntoReply, impl Into<BoxError>> {
    if true { Ok(Json(5)) } else { Err("never") }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    ctx.call::<unit>(()).await?;
    ctx.call::<unit_written>(()).await?;
    assert_eq!(ctx.call::<text>(()).await?, "text");
    assert_eq!(ctx.call::<static_text>(()).await?, "static");
    assert_eq!(ctx.call::<bytes>(()).await?, "bytes");
    assert_eq!(ctx.call::<vec>(()).await?, b"vec");
    assert_eq!(ctx.call::<json>(()).await?, [Some(1), None]);
    assert_eq!(ctx.call::<total>(()).await?.total, 5);
    assert_eq!(ctx.call::<passed_on>(()).await?.text()?, "text");
    assert_eq!(ctx.call::<option>(true).await?.map(|total| total.total), Some(1));
    assert!(ctx.call::<option>(false).await?.is_none());
    let kind = |error: Result<String>| error.err().map(|error| error.kind());
    assert_eq!(kind(ctx.call::<of_the_runtime>(()).await), Some(Kind::Conflict));
    assert_eq!(kind(ctx.call::<named>(()).await), Some(Kind::Gone));
    assert!(ctx.call::<standard>(()).await.is_err());
    assert_eq!(ctx.call::<boxed>(()).await?, 5);
    assert!(ctx.call::<boxed_by_alias>(()).await.is_err());
    assert!(ctx.call::<as_text>(()).await.is_err());
    assert!(ctx.call::<own>(()).await.is_err());
    assert!(ctx.call::<own_by_question_mark>(()).await.is_err());
    assert_eq!(ctx.publish("opaque", ()).await?.text()?, "opaque");
    assert_eq!(ctx.publish("opaque_result", ()).await?.text()?, "5");
    running.stop().await
}
