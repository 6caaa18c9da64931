//! Answers that are made while they are sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body::{Frame, SizeHint};

use crate::body::Body;
use crate::context::Trace;
use crate::error::{BoxError, Error, Result};
use crate::head::Response;
use crate::http::site::{OpenStream, Site};
use crate::panics;
use crate::shutdown::{Phase, Watcher};

/// A stream counts until it ends, and the request in front of it no longer.
///
/// Events would never end by themselves, so a stop ends them: whoever reads them comes again, to somebody
/// who stays. The media type says what they are, so that this holds for the events of a user's own reply
/// as well. Every other stream has an end, and until the drain limit the time to get there.
pub(super) fn counted(
    site: &Site,
    handler: &Arc<str>,
    trace: &Arc<Trace>,
    response: Response,
) -> Result<Response> {
    if !response.body().is_stream() {
        return Ok(response);
    }
    let open = site.open_stream()?;
    let watcher = is_events(response.headers()).then(|| site.life().watch());
    let (handler, trace) = (handler.clone(), trace.clone());
    let left = announced(response.headers());
    Ok(response.map(|body| {
        let body = Some(body);
        Body::wrap(Stream { body, left, failure: None, watcher, handler, trace, _open: open })
    }))
}

/// How long the body is said to be.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_events(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes()).unwrap_or_default();
    let essence = said.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
}

/// The body of an answer, on its way.
struct Stream {
    /// What the handler made; dropped as soon as it has ended, in whatever way.
    body: Option<Body>,
    /// How much of what was announced is still to come, so that less is not taken for all of it. HTTP/2 would
    /// end the answer as if nothing were missing.
    left: Option<u64>,
    /// What the body ended with, until it is passed on.
    failure: Option<BoxError>,
    /// Only for what a stop ends.
    watcher: Option<Watcher>,
    /// Whose it is, for the log.
    handler: Arc<str>,
    trace: Arc<Trace>,
    _open: OpenStream,
}

impl Stream {
    /// The head is gone, so all that a client can see of an error is that the answer is not whole. An error
    /// ends the connection with everything that is still to be written, so it waits for a turn: the client
    /// gets what came before it.
    fn fail(&mut self, error: BoxError, cx: &mut Context<'_>) {
        self.body = None;
        let error = Error::from_boxed(error);
        let (handler, request_id, story) = (&*self.handler, self.trace.id(), error.story());
        tracing::error!(handler, request_id = &*request_id, error = story, "an answer broke off");
        self.failure = Some(error.into());
        cx.waker().wake_by_ref();
    }
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        if self.watcher.as_mut().is_some_and(|watcher| watcher.poll(cx) != Phase::Serving) {
            self.body = None;
        }
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        // On HTTP/2 a panic here would take the other streams of the connection with it.
        let error = match panics::catch(|| http_body::Body::poll_frame(Pin::new(body), cx)) {
            Ok(Poll::Ready(Some(Err(error)))) => error,
            Ok(Poll::Ready(None)) => match self.left {
                None | Some(0) => {
                    self.body = None;
                    return Poll::Ready(None);
                }
                Some(left) => Error::internal(format!("{left} bytes of it are missing")).into(),
            },
            Ok(polled) => {
                if let (Poll::Ready(Some(Ok(frame))), Some(left)) = (&polled, &mut self.left) {
                    let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                    *left = left.saturating_sub(length);
                }
                return polled;
            }
            Err(panic) => {
                let story = panics::story(&*panic);
                Error::panicked(format!("the stream panicked{story}")).into()
            }
        };
        self.fail(error, cx);
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        // What is missing is found at the end, so there is none before that.
        self.failure.is_none()
            && self.left.is_none_or(|left| left == 0)
            && self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) => body.size_hint(),
            None if self.failure.is_some() => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}
