//! A page.

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use crate::error::Result;
use crate::handler::IntoReply;
use crate::message::Reply;

/// A page: text of media type `text/html; charset=utf-8`. What stands in it is sent as it is; what came
/// from somebody else has to be escaped before.
///
/// A typed caller gets the text.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/")]
/// async fn home() -> Html<&'static str> {
///     Html("<!doctype html><title>Shop</title><h1>Welcome</h1>")
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Html<T>(pub T);

impl<T: Into<String> + Send + 'static> IntoReply for Html<T> {
    type Value = T;

    fn into_value(self) -> Result<T> {
        Ok(self.0)
    }

    fn encode(value: T) -> Result<Reply> {
        const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
        Ok(Reply::from_text(value).with_header(CONTENT_TYPE, HTML))
    }
}
