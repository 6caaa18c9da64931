//! One line in the log for every request.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body::{Body as _, Frame, SizeHint};

use crate::body::Body;
use crate::error::BoxError;
use crate::head::{Head, Response};
use crate::http::site::{Aim, Site};

/// A path longer than this is cut: the rest of it would be no use to anybody.
const LONGEST_PATH: usize = 8 * 1024;

/// The line of one request. It is written when this is dropped, and so it is written once, however the
/// request ends.
pub(super) struct Line {
    begun: Instant,
    method: Method,
    /// Escaped, so that it stays on its line in every log.
    path: String,
    peer: SocketAddr,
    request_id: Arc<str>,
    route: Option<&'static str>,
    handler: Option<Arc<str>>,
    /// None until there is an answer.
    status: Option<StatusCode>,
    /// Of the answer's body, as far as they were sent.
    bytes: u64,
    /// Whether the body did not come to its end.
    broken: bool,
}

impl Line {
    /// Begins a line, unless nobody reads it.
    pub(super) fn begin(head: &Head, request_id: Arc<str>) -> Option<Self> {
        tracing::enabled!(target: "manager::access", tracing::Level::INFO).then(|| Line {
            begun: Instant::now(),
            method: head.method().clone(),
            path: escaped(head.uri().path()),
            peer: head.peer().address(),
            request_id,
            route: None,
            handler: None,
            status: None,
            bytes: 0,
            broken: false,
        })
    }

    /// What the router found.
    pub(super) fn took(&mut self, site: &Site, goal: u32) {
        let Some(goal) = site.table.goals.get(goal as usize) else { return };
        let name = |endpoint: usize| {
            let endpoint = site.directory.endpoints().get(endpoint);
            endpoint.map(|endpoint| endpoint.options().name.clone())
        };
        match &goal.aim {
            Aim::Own(_) | Aim::Moved(_) => {}
            Aim::Envelope(endpoint) => self.handler = name(*endpoint),
            Aim::Route(route) => {
                self.route = Some(route.pattern);
                self.handler = name(route.endpoint);
            }
            Aim::Port(port) => {
                self.route = Some(port.pattern);
                self.handler = name(port.endpoint as usize);
            }
            Aim::Gone(handler) => self.handler = Some(handler.clone()),
            Aim::Shelf(_, errand) => self.route = Some(errand.pattern().text),
            Aim::Files(folder) => self.route = Some(folder.pattern()),
            Aim::Mount(mount) => self.route = Some(mount.pattern),
        }
    }

    /// Writes the line at the end of this answer.
    pub(super) fn end(mut self, response: Response) -> Response {
        let status = response.status();
        self.status = Some(status);
        let has_no_body = self.method == Method::HEAD
            || status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if has_no_body {
            return response;
        }
        if response.body().is_whole() {
            // It is given away whole, so there is nothing to wait for.
            self.bytes = response.body().size_hint().lower();
            return response;
        }
        response.map(|body| Body::wrap(Counted { body, line: self, ended: false }))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Line { begun, method, path, peer, request_id, route, handler, status, bytes, broken } =
            self;
        tracing::info!(
            target: "manager::access",
            method = method.as_str(),
            path = path.as_str(),
            status = status.map(|status| status.as_u16()),
            micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes = status.map(|_| *bytes),
            broken = (*broken || status.is_none()).then_some(true),
            %peer,
            request_id = &**request_id,
            route = *route,
            handler = handler.as_deref(),
            "request"
        );
    }
}

/// A path as it was sent, what is no visible ASCII percent-encoded: bytes beyond ASCII are allowed in, and
/// among them are characters that end a line or turn its direction.
fn escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len().min(LONGEST_PATH));
    for byte in path.bytes() {
        if escaped.len() >= LONGEST_PATH {
            escaped.push_str("..");
            break;
        }
        match byte {
            b'!'..=b'~' => escaped.push(byte.into()),
            // Writing into a text does not fail.
            _ => _ = write!(escaped, "%{byte:02X}"),
        }
    }
    escaped
}

/// A body that is sent bit by bit, with the line that waits for its end.
struct Counted {
    body: Body,
    line: Line,
    ended: bool,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                self.line.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                // Whoever sees this end does not ask again.
                self.ended = self.body.is_end_stream();
            }
            Some(Err(_)) => {}
            None => self.ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // What says its length beforehand is not asked for its end.
        let all_of_it = self.body.size_hint().exact() == Some(0);
        self.line.broken = !self.ended && !all_of_it;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_on_its_line() {
        let check = |path: &str, expected: &str| assert_eq!(escaped(path), expected);
        check("/a/b-c", "/a/b-c");
        check("/%0aINFO", "/%0aINFO");
        check("/a\r\nb\x1b[31m\x7f\0", "/a%0D%0Ab%1B[31m%7F%00");
        check("/\u{85}\u{2028}\u{202e}é", "/%C2%85%E2%80%A8%E2%80%AE%C3%A9");
        let long = "/x".repeat(LONGEST_PATH);
        assert_eq!(escaped(&long).len(), LONGEST_PATH + 2);
    }
}
