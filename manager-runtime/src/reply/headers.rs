//! What may stand for headers in a reply.

use std::fmt::Display;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Result};
use crate::message;

/// Headers of a reply: what stands before the last part of a tuple.
///
/// A [`HeaderMap`], a pair of a name and a value, an array or a `Vec` of pairs, and an `Option` of one of
/// them implement it. A name is a [`HeaderName`] or text, a value a [`HeaderValue`], text or a number.
///
/// All headers of one tuple are sent, several of one name as well. They take the place of those with the
/// same name that the reply behind them has by itself (a `Content-Type`, say); only `Set-Cookie` adds up.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/report.csv")]
/// async fn report() -> ([(&'static str, &'static str); 2], String) {
///     let headers = [("content-type", "text/csv"), ("cache-control", "max-age=60")];
///     (headers, "apples,3\n".to_owned())
/// }
/// # fn main() {}
/// ```
///
/// Implement it for headers of your own:
///
/// ```
/// use manager_runtime::{HeaderMap, IntoHeaders, Result};
///
/// /// How long an answer may be kept, in seconds (RFC 9111, section 5.2.2.1).
/// struct MaxAge(u32);
///
/// impl IntoHeaders for MaxAge {
///     fn into_headers(self) -> Result<HeaderMap> {
///         ("cache-control", format!("max-age={}", self.0)).into_headers()
///     }
/// }
///
/// assert_eq!(MaxAge(60).into_headers()?["cache-control"], "max-age=60");
/// # Ok::<(), manager_runtime::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand before the last part of a reply",
    label = "neither a status nor headers",
    note = "a tuple as a reply is a `StatusCode` if there is one, headers, and then another reply",
    note = "headers are a `HeaderMap`, a pair `(name, value)`, or an array or a `Vec` of pairs"
)]
pub trait IntoHeaders {
    /// The headers; the example on [`IntoHeaders`] shows a use.
    ///
    /// # Errors
    ///
    /// `Internal` for a name or a value that cannot be sent (RFC 9110, sections 5.1 and 5.5).
    fn into_headers(self) -> Result<HeaderMap>;
}

impl IntoHeaders for HeaderMap {
    fn into_headers(self) -> Result<HeaderMap> {
        Ok(self)
    }
}

impl<N, V> IntoHeaders for (N, V)
where
    N: TryInto<HeaderName, Error: Display>,
    V: TryInto<HeaderValue, Error: Display>,
{
    fn into_headers(self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::with_capacity(1);
        let (name, value) = checked(self)?;
        headers.append(name, value);
        Ok(headers)
    }
}

impl<N, V, const COUNT: usize> IntoHeaders for [(N, V); COUNT]
where
    (N, V): IntoHeaders,
{
    fn into_headers(self) -> Result<HeaderMap> {
        collect(self)
    }
}

impl<N, V> IntoHeaders for Vec<(N, V)>
where
    (N, V): IntoHeaders,
{
    fn into_headers(self) -> Result<HeaderMap> {
        collect(self)
    }
}

impl<H: IntoHeaders> IntoHeaders for Option<H> {
    fn into_headers(self) -> Result<HeaderMap> {
        self.map_or_else(|| Ok(HeaderMap::new()), H::into_headers)
    }
}

fn collect<H: IntoHeaders>(pairs: impl IntoIterator<Item = H>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in pairs {
        message::add_headers(&mut headers, pair.into_headers()?)?;
    }
    Ok(headers)
}

/// The value is not repeated in the error: it is what somebody tried to smuggle in.
fn checked<N, V>((name, value): (N, V)) -> Result<(HeaderName, HeaderValue)>
where
    N: TryInto<HeaderName, Error: Display>,
    V: TryInto<HeaderValue, Error: Display>,
{
    let name = name.try_into().map_err(|error| {
        Error::internal(format!("the name of a header of the reply cannot be sent: {error}"))
    })?;
    let value = value.try_into().map_err(|error| {
        Error::internal(format!("the header `{name}` of the reply cannot be sent: {error}"))
    })?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_in_many_forms_and_none_is_lost() {
        fn check(headers: impl IntoHeaders, expected: &[(&str, &str)]) {
            let headers = headers.into_headers().unwrap();
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
                .collect();
            assert_eq!(headers, expected);
        }
        check(("x-a", "1"), &[("x-a", "1")]);
        check((HeaderName::from_static("x-a"), 7_u64), &[("x-a", "7")]);
        check(("X-A", String::from("text")), &[("x-a", "text")]);
        check([("x-a", "1"), ("x-a", "2")], &[("x-a", "1"), ("x-a", "2")]);
        check(vec![("x-a".to_owned(), HeaderValue::from_static("1"))], &[("x-a", "1")]);
        check(Some(("x-a", "1")), &[("x-a", "1")]);
        check(None::<HeaderMap>, &[]);
    }

    #[test]
    fn what_cannot_be_sent_is_an_error_that_names_the_header() {
        fn check(headers: impl IntoHeaders, expected: &str) {
            let error = headers.into_headers().unwrap_err();
            assert_eq!(error.kind(), crate::Kind::Internal);
            assert!(error.message().contains(expected), "{error}");
        }
        check(("x a", "1"), "the name of a header");
        check(("", "1"), "the name of a header");
        check(("x-a", "1\r\nx-b: 2"), "the header `x-a`");
        check([("x-a", "1\0")], "the header `x-a`");
        let many: Vec<_> = (0..40_000).map(|number| (format!("x-{number}"), "1")).collect();
        check(many, "too many headers");
    }
}
