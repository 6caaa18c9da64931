//! What is sent of a source, while it is sent.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use super::exact::{Exact, Unsent};
use super::source::{Source, State};
use crate::body::Body;
use crate::error::{BoxError, Error, Result};

/// What is not longer is read before the answer begins, and so much is read first of what is.
const SMALL: u64 = 64 * 1024;

/// How much is read at a time after that. A download holds one buffer of this size.
pub(super) const LARGE: u64 = 256 * 1024;

/// A part of a source, by the places of its first byte and of its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Part {
    pub(crate) fn length(self) -> u64 {
        self.last - self.first + 1
    }
}

/// What is sent: text of ours, and parts of the source.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(Bytes),
    Part(Part),
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Piece::Text(text) => text.len() as u64,
            Piece::Part(part) => part.length(),
        }
    }
}

/// What is going to be sent of a source.
#[derive(Debug)]
pub(crate) struct Planned {
    source: Source,
    /// Nothing else is looked at where the source has no parts.
    pieces: Vec<Piece>,
    /// Whether a file has to stay what it is.
    is_exact: bool,
    is_sent: bool,
}

impl Planned {
    pub(super) fn whole(source: Source, is_exact: bool) -> Self {
        let last = source.length().and_then(|length| length.checked_sub(1));
        let pieces = last.map(|last| Piece::Part(Part { first: 0, last })).into_iter().collect();
        Planned { source, pieces, is_exact, is_sent: true }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Only these pieces, of a source that has parts.
    pub(crate) fn choose(&mut self, pieces: Vec<Piece>) {
        self.pieces = pieces;
    }

    /// Nothing at all; how long it would be is said nevertheless.
    pub(crate) fn withhold(&mut self) {
        self.is_sent = false;
    }

    fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Once(_, length) => *length,
            _ => Some(self.pieces.iter().map(Piece::length).fold(0, u64::saturating_add)),
        }
    }

    /// Whether [`into_body_now`](Self::into_body_now) waits for a disk.
    pub(crate) fn waits(&self) -> bool {
        let is_file = matches!(self.source, Source::File(..));
        self.is_sent && is_file && self.length().is_some_and(|length| (1..=SMALL).contains(&length))
    }

    /// The body. Of a file, what is short is read at once.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not the same any more. A body that is read later breaks off then.
    pub(crate) fn into_body_now(self) -> Result<Body> {
        if !self.waits() {
            return Ok(self.into_body());
        }
        let Source::File(file, state) = self.source else { return Ok(self.into_body()) };
        let failed =
            |error: io::Error| Error::internal("a file could not be read").with_source(error);
        let mut reader = Reader::new(file, state, self.is_exact);
        let mut whole = Vec::new();
        for piece in self.pieces {
            match piece {
                Piece::Text(text) => whole.extend_from_slice(&text),
                Piece::Part(part) => {
                    whole.extend_from_slice(&reader.read(part).map_err(failed)?);
                }
            }
        }
        Ok(whole.into())
    }

    /// The body, which is read while it is sent.
    pub(crate) fn into_body(self) -> Body {
        let length = self.length();
        if !self.is_sent {
            return Body::wrap(Unsent(length));
        }
        let Planned { source, pieces, is_exact, is_sent: _ } = self;
        match (source, length) {
            (_, Some(0)) => Body::empty(),
            (Source::Once(body, None), _) => body,
            (Source::Once(body, Some(length)), _) => Body::wrap(Exact::new(body, length)),
            (Source::Bytes(bytes), _) => {
                let mut pieces: VecDeque<Bytes> =
                    pieces.into_iter().map(|piece| cut(&bytes, piece)).collect();
                match pieces.pop_front() {
                    Some(only) if pieces.is_empty() => only.into(),
                    first => {
                        pieces.extend(first);
                        pieces.rotate_right(1);
                        Body::wrap(Pieces(pieces))
                    }
                }
            }
            (Source::File(file, state), left) => Body::wrap(Reading {
                pieces: pieces.into(),
                left: left.unwrap_or_default(),
                size: SMALL,
                reader: Some(Box::new(Reader::new(file, state, is_exact))),
                reading: None,
            }),
        }
    }
}

fn cut(bytes: &Bytes, piece: Piece) -> Bytes {
    match piece {
        Piece::Text(text) => text,
        // All parts lie within the length, which a `usize` has room for.
        Piece::Part(Part { first, last }) => bytes.slice(first as usize..=last as usize),
    }
}

/// Bytes that are there, one piece after the other.
struct Pieces(VecDeque<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

/// A file that is read part by part, on threads that may wait.
struct Reader {
    file: File,
    state: State,
    is_exact: bool,
    /// Where the file stands, if that is known.
    at: Option<u64>,
    /// What was read last. Its memory is used again, unless it is still being sent.
    last: Bytes,
}

impl Reader {
    fn new(file: File, state: State, is_exact: bool) -> Self {
        Reader { file, state, is_exact, at: None, last: Bytes::new() }
    }

    /// Reads a part, all of it, of a file that is still the same.
    fn read(&mut self, part: Part) -> io::Result<Bytes> {
        let length = part.length() as usize;
        let mut buffer =
            std::mem::take(&mut self.last).try_into_mut().unwrap_or_else(|_| BytesMut::new());
        if buffer.capacity() < length {
            // From the system as it is, which is zeros.
            buffer = BytesMut::zeroed(length);
        }
        buffer.resize(length, 0);
        if self.at != Some(part.first) {
            self.file.seek(SeekFrom::Start(part.first))?;
        }
        self.at = None;
        self.file.read_exact(&mut buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::other("the file became shorter while it was sent")
            }
            _ => error,
        })?;
        self.at = Some(part.last + 1);
        // Afterwards: then all that was read is of this state.
        if self.is_exact && State::of(&self.file)? != self.state {
            return Err(io::Error::other("the file has changed while it was sent"));
        }
        self.last = buffer.freeze();
        Ok(self.last.clone())
    }
}

/// A body that is read while it is sent. It says its length beforehand, so an answer that breaks off is seen
/// to be one.
struct Reading {
    pieces: VecDeque<Piece>,
    left: u64,
    /// How much is read next.
    size: u64,
    /// Here while nothing is read.
    reader: Option<Box<Reader>>,
    reading: Option<JoinHandle<Outcome>>,
}

/// The reader comes back with what it read.
type Outcome = (Box<Reader>, io::Result<Bytes>);

impl Reading {
    fn sent(&mut self, bytes: Bytes) -> Frame<Bytes> {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Frame::data(bytes)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let outcome = ready!(Pin::new(reading).poll(cx));
                self.reading = None;
                let (reader, bytes) = outcome.map_err(io::Error::other)?;
                let bytes = bytes.inspect_err(|_| self.pieces.clear())?;
                self.reader = Some(reader);
                return Poll::Ready(Some(Ok(self.sent(bytes))));
            }
            let part = match self.pieces.pop_front() {
                None => return Poll::Ready(None),
                Some(Piece::Text(text)) => return Poll::Ready(Some(Ok(self.sent(text)))),
                Some(Piece::Part(part)) => part,
            };
            let Some(mut reader) = self.reader.take() else { return Poll::Ready(None) };
            let now = Part { first: part.first, last: part.last.min(part.first + (self.size - 1)) };
            if now.last < part.last {
                self.pieces.push_front(Piece::Part(Part { first: now.last + 1, last: part.last }));
            }
            self.size = LARGE;
            self.reading = Some(tokio::task::spawn_blocking(move || {
                let bytes = reader.read(now);
                (reader, bytes)
            }));
        }
    }
}

impl http_body::Body for Reading {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        self.poll_next(cx).map(|next| next.map(|frame| frame.map_err(BoxError::from)))
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

    fn open(path: &std::path::Path, is_exact: bool) -> Planned {
        let file = File::open(path).unwrap();
        let state = State::of(&file).unwrap();
        Planned::whole(Source::File(file, state), is_exact)
    }

    #[tokio::test]
    async fn what_must_stay_the_same_breaks_off_and_what_may_grow_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let check = async |after: &str, exact: Option<&str>, grown: Option<&str>| {
            for (is_exact, expected) in [(true, exact), (false, grown)] {
                std::fs::write(&path, "12345").unwrap();
                let (late, now) = (open(&path, is_exact), open(&path, is_exact));
                assert!(late.waits() && now.waits());
                std::fs::write(&path, after).unwrap();
                let late = late.into_body().collect(100).await.ok();
                assert_eq!(late.as_deref(), expected.map(str::as_bytes), "{after} {is_exact}");
                let now = now.into_body_now().ok().map(|body| body.into_whole().unwrap());
                assert_eq!(now.as_deref(), expected.map(str::as_bytes), "{after} {is_exact}");
            }
        };
        check("12", None, None).await;
        check("1234567", None, Some("12345")).await;
    }

    #[tokio::test]
    async fn pieces_come_in_their_order_from_every_source() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let all: Vec<u8> = (0..2_000_000_u32).map(|at| (at / 3 % 251) as u8).collect();
        std::fs::write(&path, &all).unwrap();
        let pieces = || {
            vec![
                Piece::Text("<".into()),
                Piece::Part(Part { first: 1_000_000, last: 1_999_999 }),
                Piece::Text("|".into()),
                Piece::Part(Part { first: 0, last: 0 }),
                Piece::Part(Part { first: 1, last: 300_000 }),
            ]
        };
        let expected = [b"<", &all[1_000_000..], b"|", &all[..=300_000]].concat();
        let bytes = Planned::whole(Source::Bytes(all.clone().into()), true);
        for mut planned in [open(&path, true), bytes] {
            planned.choose(pieces());
            assert!(!planned.waits());
            let body = planned.into_body();
            assert_eq!(http_body::Body::size_hint(&body).exact(), Some(expected.len() as u64));
            assert!(body.collect(10_000_000).await.unwrap() == expected);
        }
    }

    #[tokio::test]
    async fn memory_is_used_again_and_never_while_it_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let all: Vec<u8> = (0..1_000_000_u32).map(|at| (at / 5 % 241) as u8).collect();
        std::fs::write(&path, &all).unwrap();
        let file = File::open(&path).unwrap();
        let state = State::of(&file).unwrap();
        let mut reader = Reader::new(file, state, true);
        let part = |first: u64, length: u64| Part { first, last: first + length - 1 };
        let first = reader.read(part(0, 1000)).unwrap();
        let place = first.as_ptr();
        // It is still here, so it stays what it is.
        let second = reader.read(part(1000, 1000)).unwrap();
        assert_eq!((&first[..], &second[..]), (&all[..1000], &all[1000..2000]));
        let place_of_second = second.as_ptr();
        assert_ne!(place, place_of_second);
        drop(second);
        let third = reader.read(part(5000, 999)).unwrap();
        assert_eq!((third.as_ptr(), &third[..]), (place_of_second, &all[5000..5999]));
    }

    #[test]
    fn of_what_is_not_sent_the_length_is_known() {
        let mut planned = Planned::whole(Source::Bytes("12345".into()), true);
        planned.withhold();
        let body = planned.into_body();
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(5));
        let mut planned = Planned::whole(Source::Once(Body::from("1"), None), true);
        planned.withhold();
        assert_eq!(http_body::Body::size_hint(&planned.into_body()).upper(), None);
    }
}
