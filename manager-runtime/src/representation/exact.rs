//! Bodies of which the length is promised, and the body that only has one.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::body::Body;
use crate::error::BoxError;

/// A body held to the length that was promised: what is more is left out, and what is less is an error, so
/// that nobody takes a part for the whole.
pub(super) struct Exact {
    body: Body,
    left: u64,
}

impl Exact {
    pub(super) fn new(body: Body, length: u64) -> Self {
        Exact { body, left: length }
    }
}

impl http_body::Body for Exact {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        while self.left > 0 {
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                let left = std::mem::take(&mut self.left);
                let text = format!("the download ended {left} bytes before its length");
                return Poll::Ready(Some(Err(text.into())));
            };
            // Behind a length there is no place for trailers.
            let Ok(mut data) = frame?.into_data() else { continue };
            data.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            if !data.is_empty() {
                self.left -= data.len() as u64;
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The body of an answer to `HEAD`: it says how long it would be, and nobody reads it.
pub(super) struct Unsent(pub(super) Option<u64>);

impl http_body::Body for Unsent {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(pieces: &'static [&'static str]) -> Body {
        let mut pieces = pieces.iter().map(|piece| Ok::<_, BoxError>(*piece));
        Body::wrap(Counted(std::iter::from_fn(move || pieces.next())))
    }

    /// A stream that is always ready.
    struct Counted<I>(I);

    impl<I: Iterator<Item = Result<&'static str, BoxError>> + Unpin> http_body::Body for Counted<I> {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            Poll::Ready(self.0.next().map(|piece| piece.map(|text| Frame::data(text.into()))))
        }
    }

    #[tokio::test]
    async fn a_length_is_kept_or_the_body_breaks_off() {
        let check = async |given, length, expected: Result<&str, &str>| {
            let body = Body::wrap(Exact::new(pieces(given), length));
            let got = body.collect(100).await.map_err(|error| error.to_string());
            let got = got.as_ref().map(|bytes| std::str::from_utf8(bytes).unwrap());
            assert_eq!(got.map_err(|error| &**error), expected, "{given:?} {length}");
        };
        check(&["abc", "", "def"], 6, Ok("abcdef")).await;
        check(&["abc", "def"], 4, Ok("abcd")).await;
        check(&["abc", "def"], 3, Ok("abc")).await;
        check(&["abc"], 0, Ok("")).await;
        check(&["abc"], 5, Err("the download ended 2 bytes before its length")).await;
        check(&[], 1, Err("the download ended 1 bytes before its length")).await;
    }
}
