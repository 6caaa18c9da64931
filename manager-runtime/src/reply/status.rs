//! Answers that are a status and nothing else.

use http::StatusCode;

use crate::error::Result;
use crate::handler::IntoReply;
use crate::message::Reply;

/// A status without a body. From 400 on, a `#[catcher]` may give it one.
impl IntoReply for StatusCode {
    type Value = StatusCode;

    fn into_value(self) -> Result<StatusCode> {
        Ok(self)
    }

    fn encode(value: StatusCode) -> Result<Reply> {
        Ok(Reply::empty().with_status(value))
    }
}

/// Done, and there is nothing to say: 204 (RFC 9110, section 15.3.5). A typed caller gets `()`.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(delete = "/orders/{id}")]
/// async fn cancel() -> NoContent {
///     NoContent
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NoContent;

impl IntoReply for NoContent {
    type Value = ();

    fn into_value(self) -> Result<()> {
        Ok(())
    }

    fn encode((): ()) -> Result<Reply> {
        Ok(Reply::empty().with_status(StatusCode::NO_CONTENT))
    }
}
