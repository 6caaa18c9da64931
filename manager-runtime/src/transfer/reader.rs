//! A body of a length that was promised, read from somewhere.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

use crate::body::Body;
use crate::error::BoxError;

/// How much is read at once.
const PIECE: u64 = 256 * 1024;

/// What the reader says, `length` bytes of it. One that ends before that breaks the body off; of one that
/// has more the first part is sent.
pub(crate) fn sized(reader: impl AsyncRead + Send + Unpin + 'static, length: u64) -> Body {
    match length {
        0 => Body::empty(),
        left => Body::wrap(Content { reader, left }),
    }
}

struct Content<R> {
    reader: R,
    left: u64,
}

impl<R: AsyncRead + Unpin> http_body::Body for Content<R> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut piece = vec![0; self.left.min(PIECE) as usize];
        let mut buffer = ReadBuf::new(&mut piece);
        let read = ready!(Pin::new(&mut self.reader).poll_read(cx, &mut buffer));
        let length = buffer.filled().len();
        Poll::Ready(Some(match read {
            Err(error) => Err(error.into()),
            Ok(()) if length == 0 => {
                Err(format!("the reader ended {} bytes before it should", self.left).into())
            }
            Ok(()) => {
                self.left -= length as u64;
                piece.truncate(length);
                Ok(Frame::data(piece.into()))
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_promised_is_sent_or_broken_off() {
        let body = || sized(&b"12345"[..], 5);
        assert_eq!(body().collect(10).await.unwrap(), "12345");
        assert_eq!(sized(&b"12345"[..], 3).collect(10).await.unwrap(), "123");
        assert_eq!(sized(&b"12345"[..], 0).collect(10).await.unwrap(), "");
        assert!(sized(&b"12345"[..], 6).collect(10).await.is_err());
    }
}
