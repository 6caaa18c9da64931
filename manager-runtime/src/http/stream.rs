//! Answers that are made while they are sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
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
    Ok(response.map(|body| {
        Body::wrap(Stream { body: Some(body), failure: None, watcher, handler, trace, _open: open })
    }))
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
            Ok(Poll::Ready(None)) => {
                self.body = None;
                return Poll::Ready(None);
            }
            Ok(polled) => return polled,
            Err(panic) => {
                let story = panics::story(&*panic);
                Error::panicked(format!("the stream panicked{story}")).into()
            }
        };
        self.fail(error, cx);
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.failure.is_none() && self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) => body.size_hint(),
            None if self.failure.is_some() => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}
