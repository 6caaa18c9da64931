//! A status and headers before another reply.

use http::{HeaderMap, StatusCode};

use crate::error::Result;
use crate::handler::IntoReply;
use crate::message::{self, Reply};
use crate::reply::IntoHeaders;

impl<R: IntoReply> IntoReply for (StatusCode, R) {
    type Value = (StatusCode, R::Value);

    fn into_value(self) -> Result<Self::Value> {
        Ok((self.0, self.1.into_value()?))
    }

    fn encode((status, value): Self::Value) -> Result<Reply> {
        Ok(R::encode(value)?.with_status(status))
    }
}

/// ```text
/// headers!(H h);              impl IntoReply for (H, R) { type Value = (HeaderMap, R::Value); .. }
///                             impl IntoReply for (StatusCode, H, R) {
///                                 type Value = (StatusCode, HeaderMap, R::Value); ..
///                             }
/// ```
macro_rules! headers {
    ($(#[$attribute:meta])* $($kind:ident $name:ident),*) => {
        $(#[$attribute])*
        impl<$($kind: IntoHeaders,)* R: IntoReply> IntoReply for ($($kind,)* R) {
            type Value = (HeaderMap, R::Value);

            fn into_value(self) -> Result<Self::Value> {
                let ($($name,)* reply) = self;
                Ok((all([$($name.into_headers()),*])?, reply.into_value()?))
            }

            fn encode((headers, value): Self::Value) -> Result<Reply> {
                R::encode(value)?.with_headers(headers)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($kind: IntoHeaders,)* R: IntoReply> IntoReply for (StatusCode, $($kind,)* R) {
            type Value = (StatusCode, HeaderMap, R::Value);

            fn into_value(self) -> Result<Self::Value> {
                let (status, $($name,)* reply) = self;
                Ok((status, all([$($name.into_headers()),*])?, reply.into_value()?))
            }

            fn encode((status, headers, value): Self::Value) -> Result<Reply> {
                Ok(R::encode(value)?.with_headers(headers)?.with_status(status))
            }
        }
    };
}

// The compiler lists who implements `IntoReply` where something does not: one form says enough there.
headers!(H h);
headers!(#[diagnostic::do_not_recommend] A a, B b);
headers!(#[diagnostic::do_not_recommend] A a, B b, C c);
headers!(#[diagnostic::do_not_recommend] A a, B b, C c, D d);

fn all<const COUNT: usize>(headers: [Result<HeaderMap>; COUNT]) -> Result<HeaderMap> {
    let mut all = HeaderMap::new();
    for headers in headers {
        message::add_headers(&mut all, headers?)?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Json;
    use crate::reply::Html;

    fn written<R: IntoReply>(reply: R) -> (Option<StatusCode>, Vec<(String, String)>) {
        let reply = R::encode(reply.into_value().unwrap()).unwrap();
        let (head, _, _) = reply.into_parts().unwrap();
        let head = *head.unwrap_or_default();
        let text = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap();
        let headers = head.headers.iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        (head.status, headers)
    }

    #[test]
    fn the_outer_part_of_a_reply_wins_and_cookies_add_up() {
        fn check<R: IntoReply>(reply: R, status: Option<u16>, headers: &[(&str, &str)]) {
            let headers: Vec<_> =
                headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let status = status.map(|status| StatusCode::from_u16(status).unwrap());
            assert_eq!(written(reply), (status, headers));
        }
        check((StatusCode::CREATED, "x"), Some(201), &[]);
        check((StatusCode::CREATED, (StatusCode::ACCEPTED, "x")), Some(201), &[]);
        check(
            (("x-a", "1"), ["x-b", "x-c"].map(|name| (name, 2)), "x"),
            None,
            &[("x-a", "1"), ("x-b", "2"), ("x-c", "2")],
        );
        check((("content-type", "text/plain"), Html("x")), None, &[("content-type", "text/plain")]);
        check(
            (("x-a", "1"), ("x-a", "2"), ("x-a", "3"), ("x-a", "4"), (("x-a", "5"), "x")),
            None,
            &[("x-a", "1"), ("x-a", "2"), ("x-a", "3"), ("x-a", "4")],
        );
        check(
            (("set-cookie", "a"), (("set-cookie", "b"), "x")),
            None,
            &[("set-cookie", "b"), ("set-cookie", "a")],
        );
        check((StatusCode::OK, None::<HeaderMap>, Some("x")), Some(200), &[]);
    }

    #[test]
    fn a_typed_caller_gets_the_parts() {
        let (status, value) = (StatusCode::CREATED, Json(7)).into_value().unwrap();
        assert_eq!((status, value), (StatusCode::CREATED, 7));
        let (headers, text) = (("x-a", "1"), ("x-b", "2"), Html("x")).into_value().unwrap();
        assert_eq!((headers.len(), text), (2, "x"));
        assert!((("x-a", "\n"), "x").into_value().is_err());
    }
}
