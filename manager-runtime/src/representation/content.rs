//! The bytes of a file, or of parts of it, while they are sent.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use super::find::State;
use super::range::Part;
use crate::body::Body;
use crate::error::{BoxError, Error, Result};

/// How much is read at a time, and what is read before the answer begins.
const PIECE: u64 = 64 * 1024;

/// What is sent: text of ours, and parts of the file.
#[derive(Debug)]
pub(super) enum Piece {
    Text(Bytes),
    Part(Part),
}

/// The body of these pieces. What is short is read at once.
///
/// # Errors
///
/// The file cannot be read, or is not the same any more. A body that is read later breaks off then.
pub(super) fn body(mut file: File, state: State, pieces: Vec<Piece>) -> Result<Body> {
    let left = pieces.iter().fold(0_u64, |sum, piece| {
        sum.saturating_add(match piece {
            Piece::Text(text) => text.len() as u64,
            Piece::Part(part) => part.length(),
        })
    });
    if left > PIECE {
        let reader = Some(Box::new(Reader { file, state }));
        let content = Content { pieces: pieces.into(), left, reader, reading: None };
        return Ok(Body::wrap(content));
    }
    let mut whole = Vec::with_capacity(left as usize);
    for piece in pieces {
        match piece {
            Piece::Text(text) => whole.extend_from_slice(&text),
            Piece::Part(part) => {
                let read = read(&mut file, state, part).map_err(|error| {
                    Error::internal("a file could not be read").with_source(error)
                })?;
                whole.extend_from_slice(&read);
            }
        }
    }
    Ok(whole.into())
}

/// Reads a part, all of it, of a file that is still the same.
fn read(file: &mut File, state: State, part: Part) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; part.length() as usize];
    file.seek(SeekFrom::Start(part.first))?;
    file.read_exact(&mut bytes)?;
    // Afterwards: then all that was read is of this state.
    if State::of(file)? == state {
        Ok(bytes)
    } else {
        Err(io::Error::other("the file has changed while it was sent"))
    }
}

/// A body that is read while it is sent. It says its length beforehand, so an answer that breaks off is seen
/// to be one.
struct Content {
    pieces: VecDeque<Piece>,
    left: u64,
    /// Here while nothing is read.
    reader: Option<Box<Reader>>,
    reading: Option<JoinHandle<Outcome>>,
}

/// The reader comes back with what it read.
type Outcome = (Box<Reader>, io::Result<Vec<u8>>);

struct Reader {
    file: File,
    state: State,
}

impl Content {
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
                return Poll::Ready(Some(Ok(self.sent(bytes.into()))));
            }
            let part = match self.pieces.pop_front() {
                None => return Poll::Ready(None),
                Some(Piece::Text(text)) => return Poll::Ready(Some(Ok(self.sent(text)))),
                Some(Piece::Part(part)) => part,
            };
            let Some(mut reader) = self.reader.take() else { return Poll::Ready(None) };
            let now = Part { first: part.first, last: part.last.min(part.first + (PIECE - 1)) };
            if now.last < part.last {
                self.pieces.push_front(Piece::Part(Part { first: now.last + 1, last: part.last }));
            }
            self.reading = Some(tokio::task::spawn_blocking(move || {
                let bytes = read(&mut reader.file, reader.state, now);
                (reader, bytes)
            }));
        }
    }
}

impl http_body::Body for Content {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        let next = ready!(self.poll_next(cx));
        if let Some(Err(error)) = &next {
            tracing::warn!(%error, "an answer with a file was broken off");
        }
        Poll::Ready(next.map(|frame| frame.map_err(BoxError::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
