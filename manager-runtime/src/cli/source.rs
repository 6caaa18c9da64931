//! The file that is uploaded: read piece by piece, and hashed on the way.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::progress::Progress;
use crate::body::Body;
use crate::error::{Error, Result};
use crate::store::Digest;

/// How much is read at once; there are never more than four of them in memory.
const PIECE: usize = 256 << 10;

/// A file as it was when the command began.
#[derive(Clone)]
pub(super) struct Source {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    name: String,
    size: u64,
    modified: Option<SystemTime>,
    /// How much of the file is hashed. What is sent a second time is not hashed again.
    hashed: Mutex<(u64, Sha256)>,
    progress: Arc<Progress>,
}

impl Source {
    /// # Errors
    ///
    /// What keeps it from being read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let name = name(path)?;
        // Opened as well: whoever may not read it shall learn that before anything is begun.
        let metadata = match File::open(path).and_then(|file| file.metadata()) {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(metadata) if metadata.is_dir() => {
                return Err(Error::bad_request("it is a directory; name the files in it"));
            }
            Ok(_) => return Err(Error::bad_request("it is no ordinary file, and has no length")),
            Err(error) => return Err(Error::not_found("it cannot be read").with_source(error)),
        };
        let (size, modified) = (metadata.len(), metadata.modified().ok());
        let progress = Arc::new(Progress::new(&name, Some(size)));
        let hashed = Mutex::default();
        let path = path.to_owned();
        Ok(Source { inner: Arc::new(Inner { path, name, size, modified, hashed, progress }) })
    }

    pub(super) fn name(&self) -> &str {
        &self.inner.name
    }

    pub(super) fn path(&self) -> &Path {
        &self.inner.path
    }

    pub(super) fn size(&self) -> u64 {
        self.inner.size
    }

    /// When it was changed last, in nanoseconds of the epoch; 0 where that is not known.
    pub(super) fn modified(&self) -> u64 {
        let since = self.inner.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
    }

    pub(super) fn progress(&self) -> &Progress {
        &self.inner.progress
    }

    /// So many bytes from an offset on, as a body. All before that has to be hashed already.
    pub(super) fn body(&self, offset: u64, length: u64) -> Body {
        let (sender, pieces) = mpsc::channel(2);
        let inner = self.inner.clone();
        // Ends with the body, or with whoever no longer wants it.
        spawn_blocking(move || {
            let sent = inner.read(offset, length, |piece| sender.blocking_send(Ok(piece)).is_ok());
            if let Err(error) = sent {
                let _ = sender.blocking_send(Err(error));
            }
        });
        let progress = self.inner.progress.clone();
        Body::wrap(Pieces { pieces, position: offset, left: length, progress })
    }

    /// Hashes up to an offset what is not hashed yet.
    pub(super) async fn hash(&self, offset: u64) -> Result<()> {
        let inner = self.inner.clone();
        let hashed = spawn_blocking(move || {
            let from = inner.hashed().0;
            inner.read(from, offset.saturating_sub(from), |_| true)
        });
        hashed.await?
    }

    /// # Errors
    ///
    /// It is not what it was when the command began.
    pub(super) fn is_same(&self) -> Result<()> {
        self.inner.open().map(drop)
    }

    /// The digest of the whole.
    pub(super) async fn digest(&self) -> Result<Digest> {
        self.hash(self.inner.size).await?;
        let hasher = self.inner.hashed().1.clone();
        Ok(Digest::finish(hasher))
    }
}

impl Inner {
    fn hashed(&self) -> std::sync::MutexGuard<'_, (u64, Sha256)> {
        self.hashed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Anew for each part: a reader that nobody waits for any more may still be at its own.
    fn open(&self) -> Result<File> {
        let file = File::open(&self.path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.len() != self.size || metadata.modified().ok() != self.modified {
            return Err(changed());
        }
        Ok(file)
    }

    /// Reads a part, hashes what of it is not hashed yet, and hands it on until nobody wants it.
    fn read(&self, offset: u64, length: u64, mut take: impl FnMut(Bytes) -> bool) -> Result<()> {
        if length == 0 {
            return Ok(());
        }
        let mut file = self.open()?;
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        let (mut at, end) = (offset, offset + length);
        while at < end {
            let most = (end - at).min(PIECE as u64);
            let mut piece = Vec::with_capacity(PIECE);
            (&mut file).take(most).read_to_end(&mut piece).map_err(failed)?;
            if piece.is_empty() {
                return Err(changed());
            }
            self.feed(at, &piece);
            at += piece.len() as u64;
            if !take(piece.into()) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn feed(&self, at: u64, piece: &[u8]) {
        let mut hashed = self.hashed();
        let known = hashed.0.checked_sub(at).and_then(|known| usize::try_from(known).ok());
        if let Some(fresh) = known.and_then(|known| piece.get(known..)) {
            hashed.1.update(fresh);
            hashed.0 += fresh.len() as u64;
        }
    }
}

fn failed(error: io::Error) -> Error {
    Error::internal("it cannot be read").with_source(error)
}

fn changed() -> Error {
    Error::conflict("it was changed meanwhile; run this again")
}

/// What the file is called there.
fn name(path: &Path) -> Result<String> {
    let name = path.file_name().ok_or_else(|| Error::bad_request("it has no name of its own"))?;
    let name = name.to_str().ok_or_else(|| {
        Error::bad_request("its name is not UTF-8, and no service takes such a one")
    })?;
    Ok(name.to_owned())
}

/// The pieces on their way to the network.
struct Pieces {
    pieces: mpsc::Receiver<Result<Bytes>>,
    position: u64,
    left: u64,
    progress: Arc<Progress>,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = crate::error::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        match ready!(self.pieces.poll_recv(cx)) {
            Some(Ok(piece)) => {
                let length = piece.len() as u64;
                self.position += length;
                self.left = self.left.saturating_sub(length);
                self.progress.reach(self.position);
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Some(Err(error)) => Poll::Ready(Some(Err(error.story().into()))),
            None => Poll::Ready(None),
        }
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

    fn file(content: &[u8]) -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, content).unwrap();
        (folder, Source::open(&path).unwrap())
    }

    #[tokio::test]
    async fn what_is_sent_twice_is_hashed_once() {
        let content: Vec<u8> = (0..600_000_u32).map(|n| (n % 251) as u8).collect();
        let (_folder, source) = file(&content);
        let part = async |from: u64, length: u64| {
            let sent = source.body(from, length).collect(u64::MAX).await.unwrap();
            let from = usize::try_from(from).unwrap();
            assert!(content[from..].starts_with(&sent));
            assert_eq!(sent.len() as u64, length);
        };
        part(0, 300_001).await;
        part(10, 400_000).await;
        part(0, 5).await;
        source.hash(500_000).await.unwrap();
        part(500_000, 100_000).await;
        assert_eq!(source.digest().await.unwrap(), Digest::of(&content));
    }

    #[tokio::test]
    async fn a_file_that_changes_is_not_sent() {
        let (_folder, source) = file(b"one content");
        std::fs::write(source.path(), "another content").unwrap();
        let error = source.body(0, 11).collect(100).await.unwrap_err();
        assert!(error.story().contains("changed"), "{error:?}");
        assert!(source.digest().await.unwrap_err().message().contains("changed"));
    }

    #[test]
    fn what_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let check = |path: &Path, expected: &str| {
            let error = Source::open(path).err().unwrap().story();
            assert!(error.contains(expected), "{error}");
        };
        check(folder.path(), "a directory");
        check(&folder.path().join("ghost"), "cannot be read: ");
        if cfg!(unix) {
            check(Path::new("/dev/null"), "no ordinary file");
        }
        check(Path::new(".."), "no name");
    }
}
