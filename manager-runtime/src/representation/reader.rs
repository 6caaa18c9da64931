//! Anything that is read, as a body.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::Frame;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::content::LARGE;
use crate::error::BoxError;

/// What is asked of a reader first; one that fills it is asked for more.
const FIRST: usize = 16 * 1024;

/// A reader as a body.
pub(crate) struct FromReader {
    /// Dropped as soon as it has ended.
    reader: Option<Pin<Box<dyn AsyncRead + Send>>>,
    /// Memory that is read into. What was sent of it comes back when it has been written.
    buffer: BytesMut,
    size: usize,
}

impl FromReader {
    pub(crate) fn new(reader: impl AsyncRead + Send + 'static) -> Self {
        FromReader { reader: Some(Box::pin(reader)), buffer: BytesMut::new(), size: FIRST }
    }
}

impl http_body::Body for FromReader {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let FromReader { reader, buffer, size } = &mut *self;
        let Some(source) = reader else { return Poll::Ready(None) };
        buffer.reserve(*size);
        // The future is nothing but these two, so it may be made again for every poll.
        let read = ready!(pin!(source.read_buf(buffer)).poll(cx));
        let length = match read {
            Ok(length) => length,
            Err(error) => {
                *reader = None;
                return Poll::Ready(Some(Err(error.into())));
            }
        };
        if length == 0 {
            *reader = None;
            return Poll::Ready(None);
        }
        if length >= *size {
            *size = (*size * 2).min(LARGE as usize);
        }
        Poll::Ready(Some(Ok(Frame::data(buffer.split().freeze()))))
    }

    fn is_end_stream(&self) -> bool {
        self.reader.is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io;

    use super::*;
    use crate::body::Body;

    /// As much of nothing as it is asked for, so many times, and then an error.
    struct Zeros(usize);

    impl AsyncRead for Zeros {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            match self.0.checked_sub(1) {
                Some(left) => self.0 = left,
                None => return Poll::Ready(Err(io::Error::other("torn"))),
            }
            let all = buffer.remaining();
            buffer.put_slice(&vec![0; all]);
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn whoever_has_much_is_asked_for_more_but_not_for_everything() {
        let mut body = FromReader::new(Zeros(8));
        let mut sizes = Vec::new();
        let error = loop {
            let next = poll_fn(|cx| http_body::Body::poll_frame(Pin::new(&mut body), cx)).await;
            match next.unwrap() {
                Ok(frame) => sizes.push(frame.into_data().unwrap().len()),
                Err(error) => break error,
            }
        };
        assert!(sizes[0] < 64 * 1024, "{sizes:?}");
        assert!(*sizes.last().unwrap() >= LARGE as usize, "{sizes:?}");
        assert!(sizes.iter().all(|size| *size <= 2 * LARGE as usize), "{sizes:?}");
        assert_eq!(error.to_string(), "torn");
    }

    #[tokio::test]
    async fn all_of_a_reader_is_read() {
        let text = "0123456789".repeat(100_000);
        let body = Body::wrap(FromReader::new(io::Cursor::new(text.clone())));
        assert_eq!(body.collect(10_000_000).await.unwrap(), text);
        let body = Body::wrap(FromReader::new(tokio::io::empty()));
        assert_eq!(body.collect(1).await.unwrap(), "");
    }
}
