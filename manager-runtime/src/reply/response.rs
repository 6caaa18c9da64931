//! Bodies and whole responses as replies.

use std::borrow::Cow;

use crate::body::Body;
use crate::error::Result;
use crate::handler::IntoReply;
use crate::head::Response;
use crate::message::{self, Reply};

/// A body that is sent as its pieces come.
impl IntoReply for Body {
    type Value = Body;

    fn into_value(self) -> Result<Body> {
        Ok(self)
    }

    fn encode(value: Body) -> Result<Reply> {
        Ok(Reply::from_body(value))
    }
}

/// A response as it is: no header is added to it.
impl IntoReply for Response {
    type Value = Response;

    fn into_value(self) -> Result<Response> {
        Ok(self)
    }

    fn encode(value: Response) -> Result<Reply> {
        let (parts, body) = value.into_parts();
        // What is there in one piece can be read by every caller.
        let mut reply = match body.into_whole() {
            Ok(bytes) if bytes.is_empty() => Reply::empty(),
            Ok(bytes) => message::bytes_reply(bytes),
            Err(body) => Reply::from_body(body),
        };
        let head = reply.head_mut();
        head.status = Some(parts.status);
        head.headers = parts.headers;
        head.extensions = parts.extensions;
        head.whole = true;
        Ok(reply)
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Cow<'static, str> {
    type Value = Cow<'static, str>;

    fn into_value(self) -> Result<Self> {
        Ok(self)
    }

    fn encode(value: Self) -> Result<Reply> {
        Ok(Reply::from_text(value))
    }
}
