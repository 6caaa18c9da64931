//! The body of a request or a response: in one piece, as it comes from the network, or made bit by bit.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::edge::{Edge, Pace};
use crate::error::{BoxError, Error, Result};

/// The body of a [`Request`](crate::Request) or a [`Response`](crate::Response).
///
/// It is made of text or bytes, of a stream, or of any [`http_body::Body`]; it is read piece by piece
/// with [`next`](Body::next), as a [`Stream`], or whole with [`collect`](Body::collect). A body that
/// came over the network ends with an error if the client goes away, stalls, or sends more than is
/// allowed; it never ends cleanly before its end.
///
/// ```
/// use manager_runtime::Body;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> manager_runtime::Result<()> {
/// let body = Body::from("a text");
/// assert_eq!(body.collect(1024).await?, "a text");
/// # Ok(()) }
/// ```
#[derive(Default)]
pub struct Body(Inner);

#[derive(Default)]
enum Inner {
    #[default]
    Empty,
    Full(Bytes),
    Received(Box<Received>),
    Made(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>),
}

impl Body {
    /// A body with nothing in it.
    ///
    /// ```
    /// use http_body::Body as _;
    /// assert!(manager_runtime::Body::empty().is_end_stream());
    /// ```
    pub fn empty() -> Self {
        Body(Inner::Empty)
    }

    /// A body that is sent as its pieces come. An error of the stream breaks the response off, so that
    /// the client sees that it is not whole.
    ///
    /// ```
    /// use manager_runtime::Body;
    ///
    /// # async fn example(lines: impl futures_core::Stream<Item = std::io::Result<String>> + Send + 'static) {
    /// let body = Body::from_stream(lines);
    /// # }
    /// ```
    pub fn from_stream<S, D, E>(stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<D, E>> + Send + 'static,
        D: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Body(Inner::Made(Box::pin(FromStream { stream })))
    }

    /// Any other body.
    ///
    /// ```
    /// use manager_runtime::Body;
    /// let body = Body::wrap("some text".to_owned()); // a `String` is an `http_body::Body`
    /// ```
    pub fn wrap<B>(body: B) -> Self
    where
        B: http_body::Body + Send + 'static,
        B::Data: Into<Bytes>,
        B::Error: Into<BoxError>,
    {
        let mut body = Some(body);
        // One of ours is not wrapped again: whoever comes later still sees where it is from.
        if let Some(own) = (&mut body as &mut dyn Any).downcast_mut::<Option<Body>>() {
            return own.take().unwrap_or_default();
        }
        match body {
            Some(body) => Body(Inner::Made(Box::pin(Wrapped { body }))),
            None => Body::empty(),
        }
    }

    /// A body from the network, within its limits.
    pub(crate) fn received(
        incoming: Incoming,
        limits: Limits,
        lingers: bool,
        intake: Arc<Intake>,
    ) -> Self {
        Self::of_source(Source::Network(incoming), limits, lingers, intake)
    }

    fn of_source(source: Source, limits: Limits, lingers: bool, intake: Arc<Intake>) -> Self {
        intake.open.store(true, Ordering::Release);
        Body(Inner::Received(Box::new(Received {
            incoming: Some(source),
            limits,
            left: limits.bytes,
            timer: None,
            waits_since: None,
            pace: Pace::default(),
            lingers,
            intake,
        })))
    }

    /// A body that came to another server than ours, within our limits. What becomes of its connection is
    /// the matter of that server.
    #[cfg(feature = "tower")]
    pub(crate) fn foreign<B>(body: B, limits: Limits, intake: Arc<Intake>) -> Self
    where
        B: http_body::Body + Send + 'static,
        B::Data: Into<Bytes>,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return Body::empty();
        }
        Self::of_source(Source::Foreign(Box::pin(Wrapped { body })), limits, false, intake)
    }

    /// The next piece of data, `None` at the end. Trailers are left out.
    ///
    /// # Errors
    ///
    /// What keeps the body from being whole: `BadRequest` if a client stopped or stalled, `TooLarge`
    /// over the limit of the handler, and the stream's own error for a body that is made.
    ///
    /// ```
    /// use manager_runtime::Body;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let mut body = Body::from("a text");
    /// let mut length = 0;
    /// while let Some(piece) = body.next().await? {
    ///     length += piece.len();
    /// }
    /// assert_eq!(length, 6);
    /// # Ok(()) }
    /// ```
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|cx| self.poll_data(cx)).await
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        loop {
            match ready!(http_body::Body::poll_frame(Pin::new(self), cx)) {
                None => return Poll::Ready(Ok(None)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Ok(Some(data))),
                    // Trailers and empty pieces.
                    _ => {}
                },
                Some(Err(error)) => return Poll::Ready(Err(Error::from_boxed(error))),
            }
        }
    }

    /// Reads the whole body, at most `limit` bytes of it. A body that comes in one piece is not copied.
    ///
    /// # Errors
    ///
    /// `TooLarge` over the limit, before anything is read where the length is announced; otherwise as for
    /// [`next`](Self::next).
    ///
    /// ```
    /// use manager_runtime::{Body, Kind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(Body::from("too long").collect(4).await.unwrap_err().kind(), Kind::TooLarge);
    /// # }
    /// ```
    pub async fn collect(mut self, limit: u64) -> Result<Bytes> {
        let announced = http_body::Body::size_hint(&self).lower();
        if announced > limit {
            return Err(self.too_large(limit));
        }
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        if first.len() as u64 > limit {
            return Err(too_large(limit));
        }
        if http_body::Body::is_end_stream(&self) {
            return Ok(first);
        }
        let Some(second) = self.next().await? else { return Ok(first) };
        // What is announced is allocated at once, but never on the word of the client alone.
        let expected = announced.min(64 * 1024) as usize;
        let mut whole = BytesMut::with_capacity(expected.max(first.len() + second.len()));
        whole.extend_from_slice(&first);
        let mut piece = Some(second);
        while let Some(bytes) = piece {
            if (whole.len() + bytes.len()) as u64 > limit {
                return Err(too_large(limit));
            }
            whole.extend_from_slice(&bytes);
            piece = self.next().await?;
        }
        Ok(whole.freeze())
    }

    /// The refusal of a body that is longer than this.
    pub(crate) fn too_large(&self, limit: u64) -> Error {
        if let Inner::Received(received) = &self.0 {
            received.intake.edge.large_bodies.one();
        }
        too_large(limit)
    }

    /// Sets how many bytes may come over the network, before any was read.
    pub(crate) fn limit(&mut self, bytes: u64) {
        if let Inner::Received(received) = &mut self.0 {
            received.limits.bytes = bytes;
            received.left = bytes;
        }
    }

    /// Whether it comes over the network and does not say how long it is.
    pub(crate) fn is_chunked(&self) -> bool {
        match &self.0 {
            Inner::Received(_) => http_body::Body::size_hint(self).exact().is_none(),
            _ => false,
        }
    }

    /// Whether it is made while it is sent.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.0, Inner::Made(_))
    }

    /// What is there in one piece, or the body back.
    pub(crate) fn into_whole(self) -> std::result::Result<Bytes, Body> {
        match self.0 {
            Inner::Empty => Ok(Bytes::new()),
            Inner::Full(bytes) => Ok(bytes),
            inner => Err(Body(inner)),
        }
    }

    /// Whether it is there in one piece.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.0, Inner::Empty | Inner::Full(_))
    }

    /// The same body, which holds on to something until it is dropped.
    pub(crate) fn holding(self, what: impl Send + 'static) -> Self {
        Body(Inner::Made(Box::pin(Holding { body: self, _what: what })))
    }
}

fn too_large(limit: u64) -> Error {
    Error::too_large(format!("the body is longer than {limit} bytes"))
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Inner::Empty => Poll::Ready(None),
            Inner::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Inner::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Inner::Received(received) => {
                received.poll_frame(cx).map(|next| next.map(|frame| frame.map_err(BoxError::from)))
            }
            Inner::Made(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Empty => true,
            Inner::Full(_) => false,
            Inner::Received(received) => received.is_end(),
            Inner::Made(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Empty => SizeHint::with_exact(0),
            Inner::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::Received(received) => {
                received.incoming.as_ref().map_or_else(SizeHint::default, Source::size_hint)
            }
            Inner::Made(body) => body.size_hint(),
        }
    }
}

impl Stream for Body {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        self.poll_data(cx).map(Result::transpose)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Empty => f.write_str("Body(empty)"),
            Inner::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Inner::Received(_) => f.write_str("Body(from the network)"),
            Inner::Made(_) => f.write_str("Body(a stream)"),
        }
    }
}

macro_rules! from {
    ($($kind:ty),*) => {
        $(
            impl From<$kind> for Body {
                fn from(whole: $kind) -> Self {
                    let bytes = Bytes::from(whole);
                    Body(if bytes.is_empty() { Inner::Empty } else { Inner::Full(bytes) })
                }
            }
        )*
    };
}

from!(Bytes, Vec<u8>, String, &'static str, &'static [u8]);

impl From<()> for Body {
    fn from((): ()) -> Self {
        Body::empty()
    }
}

/// What may be read of a body, how long a pause in it may last, and how many bytes a second must come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) stall: Duration,
    pub(crate) min_rate: u64,
}

/// What the bodies of requests leave for the connection to know that they come over. On HTTP/1.1 that is one
/// after the other; on HTTP/2, where one says nothing of the connection, nobody looks.
#[derive(Debug)]
pub(crate) struct Intake {
    /// Whether there is a body that is not dropped yet. It may outlive the answer.
    open: AtomicBool,
    /// Whether a body was dropped before its end; the connection then ends with the answer.
    unread: AtomicBool,
    edge: Arc<Edge>,
}

impl Intake {
    pub(crate) fn new(edge: Arc<Edge>) -> Self {
        Intake { open: AtomicBool::new(false), unread: AtomicBool::new(false), edge }
    }

    /// Another request begins on the connection.
    pub(crate) fn reset(&self) {
        self.unread.store(false, Ordering::Relaxed);
    }

    /// Whether somebody stopped reading before the end.
    pub(crate) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Acquire)
    }

    /// Whether nothing of a body is still to come, as far as anybody here wants it.
    pub(crate) fn is_over(&self) -> bool {
        !self.open.load(Ordering::Acquire) && !self.is_unread()
    }
}

/// Where the pieces come from.
enum Source {
    Network(Incoming),
    /// From a server that is not ours.
    #[cfg(feature = "tower")]
    Foreign(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>),
}

impl Source {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        match self {
            Source::Network(incoming) => http_body::Body::poll_frame(Pin::new(incoming), cx)
                .map(|next| next.map(|frame| frame.map_err(BoxError::from))),
            #[cfg(feature = "tower")]
            Source::Foreign(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end(&self) -> bool {
        match self {
            Source::Network(incoming) => http_body::Body::is_end_stream(incoming),
            #[cfg(feature = "tower")]
            Source::Foreign(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Source::Network(incoming) => http_body::Body::size_hint(incoming),
            #[cfg(feature = "tower")]
            Source::Foreign(body) => body.size_hint(),
        }
    }
}

/// A body that comes from the network.
struct Received {
    /// Gone after an error.
    incoming: Option<Source>,
    limits: Limits,
    /// How many bytes may still come.
    left: u64,
    timer: Option<Pin<Box<Sleep>>>,
    /// Since when the next piece is waited for; the timer runs for it.
    waits_since: Option<Instant>,
    pace: Pace,
    /// Whether what is left is read on for a moment. Reading on would invite a client that waits for
    /// "100 Continue" to send.
    lingers: bool,
    intake: Arc<Intake>,
}

impl Received {
    fn is_end(&self) -> bool {
        self.incoming.as_ref().is_none_or(Source::is_end)
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        match incoming.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                if let Some(since) = self.waits_since.take() {
                    self.pace.came(since.elapsed(), length, self.limits.min_rate);
                }
                match self.left.checked_sub(length) {
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => {
                        self.intake.edge.large_bodies.one();
                        Poll::Ready(Some(Err(self.fail(too_large(self.limits.bytes)))))
                    }
                }
            }
            Poll::Ready(Some(Err(error))) => {
                let error = Error::typed(error).unwrap_or_else(|error| {
                    Error::bad_request("the body ended too early").with_source(error)
                });
                Poll::Ready(Some(Err(self.fail(error))))
            }
            Poll::Ready(None) => {
                // One in chunks does not know by itself that this was its end.
                self.incoming = None;
                Poll::Ready(None)
            }
            Poll::Pending => {
                // A pause of whoever reads is none of the client's.
                let timer = match (self.waits_since, &mut self.timer) {
                    (Some(_), Some(timer)) => timer,
                    (_, timer) => {
                        let now = Instant::now();
                        self.waits_since = Some(now);
                        let until = now + self.pace.patience(self.limits.stall);
                        let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
                        timer.as_mut().reset(until);
                        timer
                    }
                };
                ready!(timer.as_mut().poll(cx));
                self.intake.edge.slow_bodies.one();
                Poll::Ready(Some(Err(self.fail(Error::bad_request("the body stalled")))))
            }
        }
    }

    /// Nothing more is read after this.
    fn fail(&mut self, error: Error) -> Error {
        self.leave();
        error
    }

    fn leave(&mut self) {
        // What came to its end is dropped where it is.
        if !self.is_end() {
            self.intake.unread.store(true, Ordering::Release);
            match self.incoming.take() {
                Some(Source::Network(incoming)) if self.lingers => linger(incoming),
                _ => {}
            }
        }
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        self.leave();
        self.intake.open.store(false, Ordering::Release);
    }
}

/// How much of a refused body is read on, and for how long, so that the client gets to read why.
const LINGER_BYTES: usize = 64 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(1);

/// Reads on for a moment after a refusal. Closing a socket with unread bytes in it would reset the
/// connection, and the client might lose the answer.
pub(crate) fn linger(mut body: Incoming) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(tokio::time::timeout(LINGER_TIME, async move {
        let mut rest = LINGER_BYTES;
        let next = |body: &mut Incoming, cx: &mut Context<'_>| {
            http_body::Body::poll_frame(Pin::new(body), cx)
        };
        while let Some(Ok(frame)) = poll_fn(|cx| next(&mut body, cx)).await {
            let read = frame.data_ref().map_or(0, |data| data.len());
            if read > rest {
                break;
            }
            rest -= read;
        }
    }));
}

pin_project_lite::pin_project! {
    struct FromStream<S> {
        #[pin]
        stream: S,
    }
}

impl<S, D, E> http_body::Body for FromStream<S>
where
    S: Stream<Item = std::result::Result<D, E>>,
    D: Into<Bytes>,
    E: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        self.project().stream.poll_next(cx).map(|next| {
            next.map(|piece| piece.map(|data| Frame::data(data.into())).map_err(Into::into))
        })
    }
}

pin_project_lite::pin_project! {
    struct Holding<T> {
        #[pin]
        body: Body,
        _what: T,
    }
}

impl<T> http_body::Body for Holding<T> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        http_body::Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

pin_project_lite::pin_project! {
    struct Wrapped<B> {
        #[pin]
        body: B,
    }
}

impl<B> http_body::Body for Wrapped<B>
where
    B: http_body::Body,
    B::Data: Into<Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        self.project().body.poll_frame(cx).map(|next| {
            next.map(|frame| frame.map(|frame| frame.map_data(Into::into)).map_err(Into::into))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
