//! Messages whose body the handler reads itself.

use crate::body::Body;
use crate::error::Result;
use crate::handler::{Message, Needs, Parameter, Reads, role};
use crate::head::Request;
use crate::message::Payload;

/// The body of the request as it comes, under the name that says so. It is [`Body`] itself: read it piece
/// by piece with [`next`](Body::next), or as a [`Stream`](futures_core::Stream).
///
/// What is read may be as long as `body_limit` allows. On the envelope endpoint and over the bus the body is
/// the payload, in one piece.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(post = "/count", body_limit = "1GiB")]
/// async fn count(mut body: BodyStream) -> Result<Json<usize>> {
///     let mut length = 0;
///     while let Some(piece) = body.next().await? {
///         length += piece.len();
///     }
///     Ok(Json(length))
/// }
/// # fn main() {}
/// ```
pub type BodyStream = Body;

impl Parameter for Body {
    type Role = role::Message;
}

impl Message for Body {
    type Value = Body;

    const READS: Reads = Reads::Stream;

    fn from_value(value: Body) -> Self {
        value
    }

    fn decode(payload: Payload) -> Result<Body> {
        payload.into_request().map(Request::into_body)
    }
}

// The whole request. A payload of the envelope endpoint or the bus is the body of a request without a head.
impl Parameter for Request {
    type Role = role::Message;
}

impl Message for Request {
    type Value = Request;

    const READS: Reads = Reads::Stream;

    fn from_value(value: Request) -> Self {
        value
    }

    fn decode(payload: Payload) -> Result<Request> {
        payload.into_request()
    }

    fn needs(needs: &mut Needs) {
        needs.whole_path();
    }
}
