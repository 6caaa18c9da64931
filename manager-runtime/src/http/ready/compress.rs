//! Answers in fewer bytes (RFC 9110, section 8.4).

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::{Body as _, Frame};

use super::encoding::{Coding, Codings};
use super::{vary, weaken};
use crate::body::Body;
use crate::error::BoxError;
use crate::head::Response;

/// What is shorter fits into the packet that has to be sent anyway.
const SHORTEST: u64 = 1024;

/// How much is compressed at a time: what is not longer is compressed before its head is sent.
const PIECE: usize = 64 * 1024;

/// Compresses an answer, if that makes sense and the client reads it. To `HEAD` the same is done as to `GET`,
/// so it says the same.
pub(super) fn compress(mut response: Response, codings: Codings) -> Response {
    if response.status() == StatusCode::NOT_MODIFIED {
        // Its tag is that of the answer that it stands for, which most likely was compressed.
        if codings.liked().next().is_some() && response.headers().contains_key(http::header::ETAG) {
            weaken(response.headers_mut());
            vary(response.headers_mut(), ACCEPT_ENCODING);
        }
        return response;
    }
    if !is_worth_it(&response) {
        return response;
    }
    vary(response.headers_mut(), ACCEPT_ENCODING);
    let Some(coding) = codings.liked().next() else { return response };
    let (mut head, body) = response.into_parts();
    let body = match body.into_whole() {
        Ok(whole) if whole.len() <= PIECE => match encode(coding, &whole) {
            Ok(encoded) if encoded.len() < whole.len() => Body::from(encoded),
            // What does not become less is left as it is.
            _ => return Response::from_parts(head, Body::from(whole)),
        },
        Ok(whole) => Body::wrap(Encoded::new(Body::empty(), whole, coding)),
        Err(stream) => Body::wrap(Encoded::new(stream, Bytes::new(), coding)),
    };
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    head.headers.remove(CONTENT_LENGTH);
    // A part of what is sent now could not be asked for.
    head.headers.remove(ACCEPT_RANGES);
    weaken(&mut head.headers);
    Response::from_parts(head, body)
}

fn is_worth_it(response: &Response) -> bool {
    let (status, headers, body) = (response.status(), response.headers(), response.body());
    // These say something of the very bytes.
    const OF_BYTES: [&str; 5] =
        ["content-digest", "repr-digest", "digest", "content-md5", "upgrade"];
    let is_short = body.size_hint().exact().is_some_and(|length| length < SHORTEST);
    !is_short
        && !status.is_informational()
        && !matches!(status, StatusCode::NO_CONTENT | StatusCode::PARTIAL_CONTENT)
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && OF_BYTES.iter().all(|name| !headers.contains_key(*name))
        && !says_no_transform(headers)
        && headers.get(CONTENT_TYPE).is_some_and(|kind| is_text(kind.as_bytes()))
}

fn says_no_transform(headers: &HeaderMap) -> bool {
    headers.get_all(CACHE_CONTROL).iter().any(|line| {
        let mut directives = line.to_str().unwrap_or_default().split(',');
        directives.any(|directive| directive.trim().eq_ignore_ascii_case("no-transform"))
    })
}

/// Whether things of this media type become much less: what is written for people or parsers. Most of the
/// others are compressed by themselves. Events are text, too, but each of them is awaited.
fn is_text(kind: &[u8]) -> bool {
    let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let essence = essence.to_ascii_lowercase();
    match &essence[..] {
        b"text/event-stream" => false,
        b"application/json"
        | b"application/x-ndjson"
        | b"application/jsonl"
        | b"application/xml"
        | b"application/javascript"
        | b"application/x-javascript"
        | b"application/wasm"
        | b"application/manifest+json"
        | b"application/toml"
        | b"application/yaml"
        | b"application/sql"
        | b"application/rtf"
        | b"application/x-www-form-urlencoded"
        | b"application/vnd.ms-fontobject"
        | b"font/ttf"
        | b"font/otf"
        | b"font/collection"
        | b"image/bmp"
        | b"image/x-icon"
        | b"image/vnd.microsoft.icon" => true,
        other => {
            other.starts_with(b"text/") || other.ends_with(b"+json") || other.ends_with(b"+xml")
        }
    }
}

fn encode(coding: Coding, whole: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = Encoder::new(coding);
    encoder.write(whole)?;
    encoder.finish()
}

/// Writes into memory, from where what is ready is taken.
enum Encoder {
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    Brotli(Box<brotli::CompressorWriter<Vec<u8>>>),
}

impl Encoder {
    fn new(coding: Coding) -> Self {
        match coding {
            Coding::Gzip => {
                let level = flate2::Compression::default();
                Encoder::Gzip(flate2::write::GzEncoder::new(Vec::new(), level))
            }
            Coding::Brotli => {
                // About the time that gzip takes, and half a megabyte of window: there is one of these for
                // every stream that is open.
                let (quality, window) = (4, 19);
                let writer = brotli::CompressorWriter::new(Vec::new(), 4096, quality, window);
                Encoder::Brotli(Box::new(writer))
            }
        }
    }

    fn write(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Encoder::Gzip(encoder) => encoder.write_all(data),
            Encoder::Brotli(encoder) => encoder.write_all(data),
        }
    }

    /// Makes everything that was written readable for the client.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Encoder::Gzip(encoder) => encoder.flush(),
            Encoder::Brotli(encoder) => encoder.flush(),
        }
    }

    fn take(&mut self) -> Vec<u8> {
        match self {
            Encoder::Gzip(encoder) => std::mem::take(encoder.get_mut()),
            Encoder::Brotli(encoder) => std::mem::take(encoder.get_mut()),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Encoder::Gzip(encoder) => encoder.finish(),
            Encoder::Brotli(encoder) => Ok(encoder.into_inner()),
        }
    }
}

/// A body that is compressed while it is sent.
struct Encoded {
    body: Body,
    /// Gone at the end.
    encoder: Option<Encoder>,
    /// What has come and was not compressed yet.
    rest: Bytes,
    /// Whether something was written that the client cannot read yet.
    holds_back: bool,
    trailers: Option<HeaderMap>,
}

impl Encoded {
    fn new(body: Body, rest: Bytes, coding: Coding) -> Self {
        let encoder = Some(Encoder::new(coding));
        Encoded { body, encoder, rest, holds_back: false, trailers: None }
    }

    /// The next piece for the client; `None` where the body has to be asked for more.
    fn encode_rest(&mut self) -> io::Result<Option<Bytes>> {
        while let Some(encoder) = self.encoder.as_mut().filter(|_| !self.rest.is_empty()) {
            let piece = self.rest.split_to(self.rest.len().min(PIECE));
            encoder.write(&piece)?;
            self.holds_back = true;
            let ready = encoder.take();
            if !ready.is_empty() {
                return Ok(Some(ready.into()));
            }
        }
        Ok(None)
    }

    /// What is left when nothing more comes for now.
    fn flush(&mut self) -> io::Result<Option<Bytes>> {
        let Some(encoder) = self.encoder.as_mut().filter(|_| self.holds_back) else {
            return Ok(None);
        };
        encoder.flush()?;
        self.holds_back = false;
        Ok(Some(encoder.take().into()).filter(|ready: &Bytes| !ready.is_empty()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if let Some(ready) = self.encode_rest()? {
                return Poll::Ready(Some(Ok(Frame::data(ready))));
            }
            if self.encoder.is_none() {
                let trailers = self.trailers.take();
                return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
            }
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        self.rest = data;
                        continue;
                    }
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => {}
                // Whoever makes the stream waits for something, and so would the client.
                Poll::Pending => {
                    return match self.flush()? {
                        Some(ready) => Poll::Ready(Some(Ok(Frame::data(ready)))),
                        None => Poll::Pending,
                    };
                }
            }
            let last = self.encoder.take().map(Encoder::finish).transpose()?.unwrap_or_default();
            if !last.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(last.into()))));
            }
        }
    }
}

impl http_body::Body for Encoded {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.poll_next(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none() && self.trailers.is_none()
    }
}
