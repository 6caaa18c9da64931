//! Another place to look at.

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::handler::IntoReply;
use crate::message::Reply;

/// Sends the client to another place (RFC 9110, section 15.4).
///
/// The target is a path (`/orders/7`), with or without a query, or a whole URI; it becomes the header
/// `Location` (RFC 9110, section 10.2.2). What has no place in a URI (RFC 3986), such as a space, a
/// backslash or a letter beyond ASCII, is percent-encoded; what is encoded already stays as it is. A
/// target with a control character is no target: the client gets a 500, and nothing of it. A target that
/// a client may choose is to be checked by the handler: `//host` is another host.
///
/// | | status | the client then |
/// |---|---|---|
/// | [`to`](Self::to) | 303 | asks for it with `GET`: the answer to a form |
/// | [`temporary`](Self::temporary) | 307 | repeats the request there, this time |
/// | [`permanent`](Self::permanent) | 308 | repeats the request there, from now on |
/// | [`found`](Self::found) | 302 | does one or the other, for historical reasons |
/// | [`moved`](Self::moved) | 301 | the same, from now on |
///
/// A typed caller gets the redirect itself.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(post = "/orders")]
/// async fn order() -> Redirect {
///     Redirect::to("/orders/7")
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a redirect is returned from a handler"]
pub struct Redirect {
    status: StatusCode,
    /// None where the target had a control character.
    location: Option<HeaderValue>,
}

macro_rules! redirects {
    ($($(#[$doc:meta])* $name:ident => $status:ident;)*) => {
        impl Redirect {
            $(
                $(#[$doc])*
                pub fn $name(target: impl AsRef<str>) -> Self {
                    Self::of(StatusCode::$status, target.as_ref())
                }
            )*
        }
    };
}

redirects! {
    /// See other: the client asks for the target with `GET`, whatever it asked for here (RFC 9110,
    /// section 15.4.4).
    ///
    /// ```
    /// use manager_runtime::Redirect;
    /// assert_eq!(Redirect::to("/orders/7").location(), "/orders/7");
    /// ```
    to => SEE_OTHER;
    /// Temporary: the client repeats its request at the target, and comes here again next time (RFC
    /// 9110, section 15.4.8).
    ///
    /// ```
    /// use manager_runtime::Redirect;
    /// assert_eq!(Redirect::temporary("/busy").status().as_u16(), 307);
    /// ```
    temporary => TEMPORARY_REDIRECT;
    /// Permanent: the client repeats its request at the target, and may go there at once next time (RFC
    /// 9110, section 15.4.9).
    ///
    /// ```
    /// use manager_runtime::Redirect;
    /// assert_eq!(Redirect::permanent("/v2/orders").status().as_u16(), 308);
    /// ```
    permanent => PERMANENT_REDIRECT;
    /// Found: for this time; most clients turn a `POST` into a `GET` (RFC 9110, section 15.4.3).
    ///
    /// ```
    /// use manager_runtime::Redirect;
    /// assert_eq!(Redirect::found("/login").status().as_u16(), 302);
    /// ```
    found => FOUND;
    /// Moved: for good; most clients turn a `POST` into a `GET` (RFC 9110, section 15.4.2).
    ///
    /// ```
    /// use manager_runtime::Redirect;
    /// assert_eq!(Redirect::moved("/shop").status().as_u16(), 301);
    /// ```
    moved => MOVED_PERMANENTLY;
}

/// What is no part of a URI (RFC 3986, section 2), apart from what is encoded already.
const OUTSIDE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl Redirect {
    fn of(status: StatusCode, target: &str) -> Self {
        let location = match target.contains(char::is_control) {
            true => None,
            false => HeaderValue::try_from(utf8_percent_encode(target, OUTSIDE).to_string()).ok(),
        };
        Redirect { status, location }
    }

    /// The status that the client gets.
    ///
    /// ```
    /// use manager_runtime::{Redirect, StatusCode};
    /// assert_eq!(Redirect::to("/").status(), StatusCode::SEE_OTHER);
    /// ```
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The target, as it is sent; empty where it cannot be.
    ///
    /// ```
    /// use manager_runtime::Redirect;
    /// assert_eq!(Redirect::to("/search?q=a b").location(), "/search?q=a%20b");
    /// ```
    pub fn location(&self) -> &str {
        self.location.as_ref().and_then(|location| location.to_str().ok()).unwrap_or_default()
    }
}

impl IntoReply for Redirect {
    type Value = Redirect;

    fn into_value(self) -> Result<Redirect> {
        match &self.location {
            Some(_) => Ok(self),
            None => Err(no_target()),
        }
    }

    fn encode(value: Redirect) -> Result<Reply> {
        let location = value.location.ok_or_else(no_target)?;
        Ok(Reply::empty().with_status(value.status).with_header(LOCATION, location))
    }
}

fn no_target() -> Error {
    Error::internal("the target of a redirect has a control character in it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_uri_or_nothing() {
        let check = |target: &str, expected: Option<&str>| {
            let redirect = Redirect::to(target);
            assert_eq!(redirect.location(), expected.unwrap_or_default(), "{target:?}");
            assert_eq!(redirect.into_value().is_ok(), expected.is_some(), "{target:?}");
        };
        check("/", Some("/"));
        check("", Some(""));
        check("https://[::1]:80/a?b=c&d=%20#e", Some("https://[::1]:80/a?b=c&d=%20#e"));
        check("/ä b", Some("/%C3%A4%20b"));
        check("/\\host", Some("/%5Chost"));
        check("/\r\nSet-Cookie: a=b", None);
        check("/\0", None);
        check("/\u{7f}", None);
        check("/\u{85}", None);
    }
}
