//! Errors with kinds, in every shape that they may have.

#![deny(warnings)]

use std::error::Error as _;
use std::fmt;

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(kind = NotFound, "no order {id}")]
    NoOrder { id: u64 },
    #[error(kind = Conflict, "order {0:>4} was paid with {1:?}, {{{0}}}")]
    Paid(u64, Option<u8>),
    #[error(kind = Internal, "the database does not answer")]
    Database(#[from] std::io::Error),
    #[error(kind = BadRequest, "{field}: {cause}")]
    Field {
        field: &'static str,
        #[source]
        cause: Text,
    },
    // The text may come first, and the kind may have its path.
    #[error("{type} is gone", kind = Kind::Gone)]
    Gone { r#type: String },
    #[error(kind = manager_runtime::Kind::Timeout, "late",)]
    Late,
    #[error(kind = Unprocessable, "boxed")]
    Boxed(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[cfg(any())]
    #[error(kind = Gone, "absent")]
    Absent,
}

#[derive(Debug, HandlerError)]
#[error(kind = BadRequest, "no text")]
struct Text;

#[derive(Clone, Debug, PartialEq, HandlerError)]
#[error(kind = TooLarge, "{length} bytes")]
#[error(crate = ui_tests::runtime)]
pub struct TooLong {
    length: usize,
}

/// Without variants there is no text, so that it is an error by other means.
#[derive(Debug, thiserror::Error, HandlerError)]
enum Never {}

/// `Display` and `Error` are its own.
#[derive(Debug, HandlerError)]
enum ByHand {
    #[kind(Forbidden)]
    No,
    #[error(kind = Overloaded)]
    Later(u8),
}

impl fmt::Display for ByHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ByHand::No => f.write_str("no"),
            ByHand::Later(hours) => write!(f, "in {hours} hours"),
        }
    }
}

impl std::error::Error for ByHand {}

/// They are those of another derive, which reads attributes of the same name.
#[derive(Debug, thiserror::Error, HandlerError)]
enum Foreign {
    #[error("no {0}, {y}", y = 5)]
    #[kind(NotFound)]
    Nothing(&'static str),
    #[error(transparent)]
    #[kind(Internal)]
    Io(#[from] std::io::Error),
    #[kind(Conflict)]
    #[error("again: {source}")]
    Again { source: std::fmt::Error },
}

#[derive(Debug, HandlerError, thiserror::Error)]
#[kind(Gone, crate = ui_tests::runtime)]
#[error("gone")]
struct ForeignStruct(#[source] std::fmt::Error);

#[handler]
async fn own(Json(id): Json<u64>) -> Result<(), ShopError> {
    Err(ShopError::NoOrder { id })
}

#[handler]
async fn kept() -> Result<()> {
    Err(Foreign::Nothing("shop"))?
}

#[handler]
async fn never() -> Result<(), Never> {
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let check = |error: Error, kind: Kind, message: &str| {
        assert_eq!((error.kind(), error.message()), (kind, message));
    };
    check(
        ShopError::Paid(7, Some(1)).into(),
        Kind::Conflict,
        "order    7 was paid with Some(1), {7}",
    );
    let field = ShopError::Field { field: "name", cause: Text };
    assert!(field.source().is_some());
    check(field.into(), Kind::BadRequest, "name: no text");
    check(ShopError::Gone { r#type: "shop".to_owned() }.into(), Kind::Gone, "shop is gone");
    check(ShopError::Late.into(), Kind::Timeout, "late");
    let boxed = ShopError::Boxed("inner".into());
    assert_eq!(boxed.source().map(ToString::to_string).as_deref(), Some("inner"));
    check(boxed.into(), Kind::Unprocessable, "boxed");
    check(TooLong { length: 5 }.into(), Kind::TooLarge, "5 bytes");
    check(ByHand::No.into(), Kind::Forbidden, "no");
    check(ByHand::Later(2).into(), Kind::Overloaded, "in 2 hours");
    check(
        Foreign::Again { source: std::fmt::Error }.into(),
        Kind::Conflict,
        &format!("again: {}", std::fmt::Error),
    );
    check(ForeignStruct(std::fmt::Error).into(), Kind::Gone, "gone");
    let converted = || -> Result<(), ShopError> { Err(std::io::Error::other("down"))? };
    assert!(matches!(converted(), Err(ShopError::Database(_))));
    let converted = || -> Result<(), Foreign> { Err(std::io::Error::other("down"))? };
    assert!(matches!(converted(), Err(Foreign::Io(_))));

    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    let error = ctx.call::<own>(5).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::NotFound, "no order 5"));
    let error = ctx.call::<kept>(()).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::NotFound, "no shop, 5"));
    ctx.call::<never>(()).await?;
    running.stop().await
}
