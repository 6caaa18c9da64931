//! A stream of events.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::body::Body;
use crate::context::Parts;
use crate::error::{Error, Result};
use crate::handler::{IntoReply, Needs, Parameter, Part, role};
use crate::message::Reply;
use crate::reply::{Event, IntoEvent};

/// After how much silence a comment says that the stream still lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Events that are sent as they happen: `text/event-stream` (WHATWG HTML, section 9.2), which a browser
/// reads with `EventSource`.
///
/// The replica of the handler is free as soon as the handler has returned, and no deadline holds for the
/// events; what bounds them is the setting `streams`. The stream ends when the client goes away (what
/// makes the events is dropped), when it ends itself, and when the manager begins to drain: a client then
/// comes again, with [`LastEventId`]. An error among the events is logged and breaks the stream off.
///
/// After 15 seconds of silence a comment is sent, so that nobody on the way takes the connection for
/// dead; [`keep_alive`](Self::keep_alive) sets another time. Proxies are told to pass events on at once
/// (`Cache-Control: no-cache`, `X-Accel-Buffering: no`).
///
/// A typed caller gets the `Sse`, which is a [`Stream`] of events.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/ticks")]
/// async fn ticks() -> Sse {
///     let (sender, events) = Sse::channel(16);
///     tokio::spawn(async move {
///         for number in 1.. {
///             // An error: the client has gone, or the manager is stopping.
///             if sender.send(Event::data("tick").id(number.to_string())).await.is_err() {
///                 break;
///             }
///             tokio::time::sleep(std::time::Duration::from_secs(1)).await;
///         }
///     });
///     events
/// }
/// # fn main() {}
/// ```
#[must_use = "events are returned from a handler"]
pub struct Sse {
    events: Pin<Box<dyn Stream<Item = Result<Event>> + Send>>,
    keep_alive: Duration,
}

impl Sse {
    /// Events from any stream of [`Event`], text, [`Json`](crate::Json), or a `Result` of one of them.
    ///
    /// ```
    /// use manager_runtime::{Event, Sse};
    ///
    /// # fn example(prices: impl futures_core::Stream<Item = std::io::Result<Event>> + Send + 'static) {
    /// let events = Sse::new(prices);
    /// # }
    /// ```
    pub fn new<S>(stream: S) -> Self
    where
        S: Stream<Item: IntoEvent> + Send + 'static,
    {
        Sse { events: Box::pin(Events { stream }), keep_alive: KEEP_ALIVE }
    }

    /// Events that another task sends. So many of them wait for the client at most, one at least.
    ///
    /// ```
    /// use manager_runtime::{Event, Sse};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let (sender, mut events) = Sse::channel(16);
    /// sender.send("hello").await?;
    /// drop(sender);
    /// assert_eq!(events.next().await?.unwrap().text()?, "data: hello\n\n");
    /// assert!(events.next().await?.is_none());
    /// # Ok(()) }
    /// ```
    pub fn channel(capacity: usize) -> (EventSender, Sse) {
        let (sender, receiver) = mpsc::channel(capacity.clamp(1, MOST_WAITING));
        (EventSender(sender), Sse::new(Received(receiver)))
    }

    /// After how much silence a comment is sent. Zero stands for never.
    ///
    /// ```
    /// use manager_runtime::Sse;
    /// use std::time::Duration;
    /// # fn example(events: Sse) -> Sse {
    /// events.keep_alive(Duration::from_secs(30))
    /// # }
    /// ```
    pub fn keep_alive(mut self, silence: Duration) -> Self {
        self.keep_alive = silence;
        self
    }

    /// The next event, `None` at the end; for a caller in the process.
    ///
    /// # Errors
    ///
    /// What broke the stream off.
    ///
    /// ```
    /// use manager_runtime::Sse;
    ///
    /// # async fn example(mut events: Sse) -> manager_runtime::Result<()> {
    /// while let Some(event) = events.next().await? {
    ///     print!("{}", event.text()?);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn next(&mut self) -> Result<Option<Event>> {
        poll_fn(|cx| self.events.as_mut().poll_next(cx)).await.transpose()
    }
}

/// More than this, a channel is no bound.
const MOST_WAITING: usize = 1 << 20;

impl std::fmt::Debug for Sse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sse").field("keep_alive", &self.keep_alive).finish_non_exhaustive()
    }
}

impl Stream for Sse {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        self.events.as_mut().poll_next(cx)
    }
}

impl IntoReply for Sse {
    type Value = Sse;

    fn into_value(self) -> Result<Sse> {
        Ok(self)
    }

    fn encode(value: Sse) -> Result<Reply> {
        const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
        const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
        const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
        Ok(Reply::from_body(Body::from_stream(Wire::new(value)))
            .with_header(CONTENT_TYPE, EVENTS)
            .with_header(CACHE_CONTROL, NO_CACHE)
            .with_header(BUFFERING, HeaderValue::from_static("no")))
    }
}

/// Sends events into an [`Sse`]; [`Sse::channel`] makes one. The stream ends when all clones of the
/// sender are gone.
#[derive(Clone, Debug)]
pub struct EventSender(mpsc::Sender<Result<Event>>);

impl EventSender {
    /// Sends an event; waits while too many wait for the client.
    ///
    /// # Errors
    ///
    /// `Gone` when nobody reads the events any more: the client has left, or the manager is stopping. The
    /// event's own error, if it is a `Result` with one; the stream ends with it.
    ///
    /// ```
    /// use manager_runtime::{EventSender, Json, Result};
    ///
    /// async fn count(sender: EventSender) -> Result<()> {
    ///     for number in 0..3 {
    ///         sender.send(Json(number)).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn send(&self, event: impl IntoEvent) -> Result<()> {
        let event = event.into_event();
        self.0.send(event).await.map_err(|unsent| match unsent.0 {
            Ok(_) => Error::gone("nobody reads the events any more"),
            Err(error) => error,
        })
    }

    /// Waits until nobody reads the events any more.
    ///
    /// ```
    /// use manager_runtime::Sse;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (sender, events) = Sse::channel(1);
    /// drop(events);
    /// sender.closed().await;
    /// # }
    /// ```
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

struct Received(mpsc::Receiver<Result<Event>>);

impl Stream for Received {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        self.0.poll_recv(cx)
    }
}

pin_project_lite::pin_project! {
    struct Events<S> {
        #[pin]
        stream: S,
    }
}

impl<S: Stream<Item: IntoEvent>> Stream for Events<S> {
    type Item = Result<Event>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        self.project().stream.poll_next(cx).map(|next| next.map(IntoEvent::into_event))
    }
}

/// Events as bytes, with a comment wherever it was silent for long.
struct Wire {
    /// Gone at its end.
    events: Option<Pin<Box<dyn Stream<Item = Result<Event>> + Send>>>,
    keep_alive: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    /// When the client heard something for the last time. The timer is not touched per event; it looks
    /// again when it fires.
    spoken: Option<Instant>,
}

impl Wire {
    fn new(events: Sse) -> Self {
        let Sse { events, keep_alive } = events;
        Wire { events: Some(events), keep_alive, timer: None, spoken: None }
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let spoken = *self.spoken.get_or_insert_with(Instant::now);
        // A time that lies beyond all time never comes.
        let next = spoken.checked_add(self.keep_alive).filter(|_| !self.keep_alive.is_zero());
        let Some(next) = next else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(next)));
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= next {
                return Poll::Ready(());
            }
            timer.as_mut().reset(next);
        }
        Poll::Pending
    }
}

impl Stream for Wire {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let Some(events) = &mut self.events else { return Poll::Ready(None) };
        let sent = match events.as_mut().poll_next(cx) {
            Poll::Ready(Some(event)) => event.and_then(Event::text).map(Bytes::from),
            Poll::Ready(None) => {
                self.events = None;
                return Poll::Ready(None);
            }
            Poll::Pending => match self.poll_silence(cx) {
                Poll::Ready(()) => {
                    self.timer = None;
                    Ok(Bytes::from_static(b":\n\n"))
                }
                Poll::Pending => return Poll::Pending,
            },
        };
        self.spoken = Some(Instant::now());
        if sent.is_err() {
            self.events = None;
        }
        Poll::Ready(Some(sent))
    }
}

/// The identifier of the last event that a client has seen before it came again: the header
/// `Last-Event-ID` (WHATWG HTML, section 9.2.4), `None` where it says none and for callers that do not
/// come over HTTP.
///
/// It is what the client says, and no fact.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/orders/events")]
/// async fn events(LastEventId(seen): LastEventId) -> Sse {
///     let next = seen.and_then(|id| id.parse::<u64>().ok()).map_or(0, |id| id + 1);
///     let (sender, events) = Sse::channel(16);
///     tokio::spawn(async move {
///         let event = Event::json(["an order"]).id(next.to_string());
///         drop(sender.send(event).await);
///     });
///     events
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `BadRequest` if the header is not UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LastEventId(pub Option<String>);

impl Parameter for LastEventId {
    type Role = role::Part;
}

impl Part for LastEventId {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let Ok(head) = parts.head() else { return Ok(LastEventId(None)) };
        let said = head.headers().get("last-event-id").filter(|id| !id.is_empty());
        let id = said.map(|id| String::from_utf8(id.as_bytes().to_vec())).transpose();
        id.map(LastEventId).map_err(|_| Error::bad_request("Last-Event-ID is not valid UTF-8"))
    }

    fn needs(_: &mut Needs) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: &mut Body) -> Option<String> {
        let piece = body.next().await.unwrap()?;
        Some(String::from_utf8(piece.to_vec()).unwrap())
    }

    fn body(events: Sse) -> Body {
        Sse::encode(events).unwrap().into_body().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_broken_by_a_comment_and_only_silence() {
        let start = Instant::now();
        let (sender, events) = Sse::channel(1);
        let mut body = body(events);
        assert_eq!(read(&mut body).await.unwrap(), ":\n\n");
        assert_eq!(start.elapsed().as_secs(), 15);
        tokio::spawn(async move {
            for _ in 0..2 {
                tokio::time::sleep(Duration::from_secs(10)).await;
                sender.send("a").await.unwrap();
            }
            sender.closed().await;
        });
        for (text, at) in [("data: a\n\n", 25), ("data: a\n\n", 35), (":\n\n", 50), (":\n\n", 65)] {
            assert_eq!(read(&mut body).await.unwrap(), text);
            assert_eq!(start.elapsed().as_secs(), at);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_silence_may_have_another_length_or_none() {
        let check = async |silence: Duration, expected: Option<u64>| {
            let (_sender, events) = Sse::channel(1);
            let mut body = body(events.keep_alive(silence));
            let start = Instant::now();
            let spoke = tokio::time::timeout(Duration::from_secs(1000), read(&mut body)).await;
            let spoke = spoke.ok().map(|_| start.elapsed().as_secs());
            assert_eq!(spoke, expected);
        };
        check(Duration::from_secs(3), Some(3)).await;
        check(Duration::ZERO, None).await;
        check(Duration::MAX, None).await;
    }

    #[tokio::test]
    async fn an_error_breaks_the_stream_off() {
        let (sender, events) = Sse::channel(4);
        sender.send("a").await.unwrap();
        sender.send(Event::data("b").id("\0")).await.unwrap();
        sender.send("c").await.unwrap();
        let mut body = body(events);
        assert_eq!(read(&mut body).await.unwrap(), "data: a\n\n");
        assert!(body.next().await.is_err());
        assert_eq!(read(&mut body).await, None);
        assert_eq!(sender.send("d").await.unwrap_err().kind(), crate::Kind::Gone);
    }
}
