//! Bodies: what is sent, as one piece of bytes, and what is received, within its limits.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::error::{Error, Result};

/// The body of a response. Its size is exact, so that hyper writes head and body in one go.
#[derive(Debug, Default)]
pub(crate) struct Body(Option<Bytes>);

impl Body {
    pub(crate) fn empty() -> Self {
        Body(None)
    }

    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Body((!bytes.is_empty()).then_some(bytes))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// What may be read of a body, and how long a pause in it may last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) stall: Duration,
}

/// Reads a whole body. A body that comes in one piece is not copied.
pub(crate) async fn collect(body: &mut Incoming, limits: Limits) -> Result<Bytes> {
    let announced = body.size_hint().lower();
    if announced > limits.bytes {
        return Err(too_large(limits.bytes));
    }
    let mut timer = pin!(None);
    let Some(first) = next(body, limits.stall, timer.as_mut()).await? else {
        return Ok(Bytes::new());
    };
    if first.len() as u64 > limits.bytes {
        return Err(too_large(limits.bytes));
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let Some(second) = next(body, limits.stall, timer.as_mut()).await? else { return Ok(first) };
    // What is announced is allocated at once, but never on the word of the client alone.
    let expected = announced.min(64 * 1024) as usize;
    let mut whole = BytesMut::with_capacity(expected.max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        if (whole.len() + bytes.len()) as u64 > limits.bytes {
            return Err(too_large(limits.bytes));
        }
        whole.extend_from_slice(&bytes);
        piece = next(body, limits.stall, timer.as_mut()).await?;
    }
    Ok(whole.freeze())
}

/// The next piece of data, `None` at the end.
async fn next(
    body: &mut Incoming,
    stall: Duration,
    mut timer: Pin<&mut Option<Sleep>>,
) -> Result<Option<Bytes>> {
    timer.set(None);
    poll_fn(|cx| {
        loop {
            match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Ok(Some(data))),
                    // Trailers and empty pieces.
                    _ => {}
                },
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(
                        Error::bad_request("the body ended too early").with_source(error)
                    ));
                }
                Poll::Pending => {
                    if timer.is_none() {
                        timer.set(Some(sleep_until(Instant::now() + stall)));
                    }
                    let stalled = timer.as_mut().as_pin_mut().map(|timer| timer.poll(cx));
                    return match stalled {
                        Some(Poll::Ready(())) => {
                            Poll::Ready(Err(Error::bad_request("the body stalled")))
                        }
                        _ => Poll::Pending,
                    };
                }
            }
        }
    })
    .await
}

/// How much of a refused body is read on, and for how long, so that the client gets to read why.
const LINGER_BYTES: usize = 64 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(1);

/// Reads on for a moment after a refusal. Closing a socket with unread bytes in it would reset the
/// connection, and the client might lose the answer.
pub(crate) fn linger(mut body: Incoming) {
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(tokio::time::timeout(LINGER_TIME, async move {
        let mut rest = LINGER_BYTES;
        while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let read = frame.data_ref().map_or(0, |data| data.len());
            if read > rest {
                break;
            }
            rest -= read;
        }
    }));
}

fn too_large(limit: u64) -> Error {
    Error::too_large(format!("the body is longer than {limit} bytes"))
}
