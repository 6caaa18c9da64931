//! A file while it is written: in pieces that are worth a trip to another thread, hashed on the way.

use std::fs::File;
use std::future::poll_fn;
use std::io::{self, IoSlice, Write as _};
use std::path::Path;
use std::pin::pin;

use bytes::Bytes;
use futures_core::Stream;
use sha2::{Digest as _, Sha256};
use tokio::task::{JoinHandle, spawn_blocking};

use super::checksum::Checksum;
use super::digest::Digest;
use super::disk::{Temporary, trouble};
use super::quota::Reservation;
use crate::error::{BoxError, Error, Result};

/// How much is gathered before it is written. While it is, as much is gathered again, and no more.
const BATCH: usize = 256 * 1024;

/// And in how many pieces: each costs something, however short it is.
const PIECES: usize = 256;

/// A file that is being written, and what it holds. Dropped, it gives back its room, and its file is
/// removed if it is a temporary one.
pub(super) struct Draft {
    pub(super) file: File,
    temporary: Temporary,
    /// How much of it was written.
    pub(super) size: u64,
    /// What it may have at most.
    limit: u64,
    /// Of all that was written; none if its beginning was written before this process.
    pub(super) hasher: Option<Sha256>,
    /// Of what is written now.
    pub(super) checksum: Option<Checksum>,
    pub(super) reserved: Reservation,
    milestones: Option<Milestones>,
}

/// Where it is noted how far a file has come, so that not all of it is lost in a crash.
pub(super) struct Milestones {
    /// After so many bytes.
    pub(super) every: u64,
    pub(super) last: u64,
    /// What is told of the length, when all up to it is on the disk.
    pub(super) note: Box<dyn FnMut(u64) -> Result<()> + Send>,
}

impl Draft {
    pub(super) fn new(file: File, temporary: Temporary, limit: u64, reserved: Reservation) -> Self {
        let hasher = Some(Sha256::new());
        Draft {
            file,
            temporary,
            size: 0,
            limit,
            hasher,
            checksum: None,
            reserved,
            milestones: None,
        }
    }

    /// One whose beginning is there already: the file stands at the end of it.
    pub(super) fn resume(self, size: u64, hasher: Option<Sha256>, milestones: Milestones) -> Self {
        Draft { size, hasher, milestones: Some(milestones), ..self }
    }

    /// Writes all of this, or says why not.
    fn write(&mut self, batch: &[Bytes]) -> Result<()> {
        let length = batch.iter().map(|piece| piece.len() as u64).sum();
        let size = self.size.saturating_add(length);
        if size > self.limit {
            return Err(too_long(self.limit));
        }
        self.reserved.grow(length)?;
        write_all(&mut self.file, batch).map_err(|error| {
            self.reserved.shrink(length);
            trouble("an upload cannot be written", error)
        })?;
        if let Some(hasher) = &mut self.hasher {
            batch.iter().for_each(|piece| hasher.update(piece));
        }
        if let Some(checksum) = &mut self.checksum {
            batch.iter().for_each(|piece| checksum.update(piece));
        }
        self.size = size;
        match &mut self.milestones {
            Some(Milestones { every, last, note }) if size - *last >= *every => {
                self.file
                    .sync_data()
                    .map_err(|error| trouble("an upload cannot be written", error))?;
                *last = size;
                note(size)
            }
            _ => Ok(()),
        }
    }

    /// The digest of the whole, when all of it is on the disk.
    pub(super) fn finish(&mut self) -> Result<Digest> {
        let failed = |error| trouble("an upload cannot be written", error);
        self.file.sync_all().map_err(failed)?;
        match self.hasher.take() {
            Some(hasher) => Ok(Digest::finish(hasher)),
            None => hash(&mut self.file).map_err(failed),
        }
    }

    /// Puts the file in its place. Its room is that of the place now.
    pub(super) fn rename(&mut self, to: &Path) -> io::Result<()> {
        self.temporary.rename(to)?;
        self.reserved.keep();
        Ok(())
    }
}

pub(super) fn too_long(limit: u64) -> Error {
    Error::too_large(format!("the file is longer than {limit} bytes"))
}

/// Several pieces in one go, again until nothing is left of them.
fn write_all(file: &mut File, batch: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = batch.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut left = &mut slices[..];
    // Passes over what is empty.
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match file.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The digest of a whole file. What is read next is its beginning.
pub(super) fn hash(file: &mut File) -> io::Result<Digest> {
    use std::io::{Read as _, Seek as _};
    file.rewind()?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BATCH];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    file.rewind()?;
    Ok(Digest::finish(hasher))
}

/// Writes a content until its end, an error of it, or one of the disk. The draft comes back with all that came
/// before; it is lost only with the process.
pub(super) async fn fill<S, B, E>(draft: Draft, content: S) -> (Option<Draft>, Result<()>)
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
    E: Into<BoxError>,
{
    let mut content = pin!(content);
    let mut writer = Writer { idle: Some(draft), busy: None };
    let mut batch = Batch::default();
    let mut outcome = loop {
        match poll_fn(|cx| content.as_mut().poll_next(cx)).await {
            Some(Ok(piece)) => {
                batch.add(piece.into());
                if batch.is_full()
                    && let Err(error) = writer.write(&mut batch).await
                {
                    break Err(error);
                }
            }
            Some(Err(error)) => break Err(Error::from_boxed(error.into())),
            None => break Ok(()),
        }
    };
    // Also what came before an error: whoever resumes has that already.
    let rest = match writer.write(&mut batch).await {
        Ok(()) => writer.settle().await,
        failed => failed,
    };
    if outcome.is_ok() {
        outcome = rest;
    }
    (writer.idle.take(), outcome)
}

#[derive(Default)]
struct Batch {
    pieces: Vec<Bytes>,
    length: usize,
}

impl Batch {
    fn add(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.length += piece.len();
            self.pieces.push(piece);
        }
    }

    fn is_full(&self) -> bool {
        self.length >= BATCH || self.pieces.len() >= PIECES
    }
}

/// Writes one batch while the next is gathered.
struct Writer {
    idle: Option<Draft>,
    busy: Option<JoinHandle<(Draft, Result<()>)>>,
}

impl Writer {
    /// Begins with a batch as soon as the one before is written.
    async fn write(&mut self, batch: &mut Batch) -> Result<()> {
        self.settle().await?;
        let Batch { pieces, length: _ } = std::mem::take(batch);
        if pieces.is_empty() {
            return Ok(());
        }
        let Some(mut draft) = self.idle.take() else { return Err(lost()) };
        self.busy = Some(spawn_blocking(move || {
            let outcome = draft.write(&pieces);
            (draft, outcome)
        }));
        Ok(())
    }

    /// Waits for what has begun.
    async fn settle(&mut self) -> Result<()> {
        let Some(busy) = self.busy.take() else { return Ok(()) };
        let (draft, outcome) = busy.await.map_err(|error| lost().with_source(error))?;
        self.idle = Some(draft);
        outcome
    }
}

fn lost() -> Error {
    Error::internal("the upload was cut off")
}

impl Drop for Writer {
    /// A task that is cut in the middle must not wait for the disk. One that is being written is dropped where
    /// that happens.
    fn drop(&mut self) {
        if let Some(draft) = self.idle.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn_blocking(move || drop(draft));
        }
    }
}
