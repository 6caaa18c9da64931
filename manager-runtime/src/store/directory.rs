//! The store: saving, finding and deleting files.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_core::Stream;
use http::HeaderValue;
use tokio::task::spawn_blocking;

use super::conditions::Conditions;
use super::digest::Digest;
use super::disk::{Disk, SIDECAR, sync, trouble};
use super::draft::{self, Draft};
use super::list::{self, Page};
use super::metadata::Metadata;
use super::name::{self, Encoding};
use super::quota::{Quota, Reservation};
use super::record::{Record, Sidecar, Stamp};
use super::tus::{PART, Sessions};
use crate::error::{BoxError, Error, Result};

/// Files in a directory: saved whole or not at all, with digest, media type and time, under a quota. See the
/// [module](crate::store) for what lies in the directory.
///
/// A clone is the same store. All that touches the disk runs on threads that may wait; of an upload at
/// most about 1 MiB is in memory.
///
/// Where the disk fails, the cause goes to the log, and the error is `InsufficientStorage` if there is no
/// room, `Unavailable` if the directory is missing, not to be written or not to be reached, and `Internal`
/// for the rest. None of them names a path.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::Body;
/// use manager_runtime::store::{Conditions, DirectoryStore, Save};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path().join("reports");
/// let store = DirectoryStore::open(directory).await?;
/// let saved = store.save("2026.csv", Body::from("day;total\n"), Save::new()).await?;
///
/// // Changed only if nobody else did in the meantime.
/// let mine = Conditions::new().if_match(&saved.metadata.etag());
/// let longer = Body::from("day;total\n1;5\n");
/// store.save("2026.csv", longer, Save::new().conditions(mine)).await?;
///
/// let page = store.list(None, 100).await?;
/// assert_eq!(page.files[0].name, "2026.csv");
/// store.delete("2026.csv", &Conditions::new()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct DirectoryStore {
    pub(super) inner: Arc<Inner>,
}

/// The limits of a store.
///
/// ```no_run
/// use manager_runtime::store::{DirectoryStore, Options};
///
/// # async fn example() -> manager_runtime::Result<()> {
/// let options = Options::new().quota(50 << 30).file_limit(1 << 30);
/// let store = DirectoryStore::open_with("uploads", options).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    quota: Option<u64>,
    file_limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// No quota, and 10 GiB for a file.
    ///
    /// ```
    /// let options = manager_runtime::store::Options::new();
    /// ```
    pub fn new() -> Self {
        Options { quota: None, file_limit: 10 << 30 }
    }

    /// How many bytes all files may have together, those that are being uploaded included. A file that
    /// replaces another counts beside it until it has. At the start what is there is counted.
    ///
    /// ```
    /// let options = manager_runtime::store::Options::new().quota(50 << 30); // 50 GiB
    /// ```
    #[must_use]
    pub fn quota(mut self, bytes: u64) -> Self {
        self.quota = Some(bytes);
        self
    }

    /// How many bytes a file may have.
    ///
    /// ```
    /// let options = manager_runtime::store::Options::new().file_limit(1 << 30); // 1 GiB
    /// ```
    #[must_use]
    pub fn file_limit(mut self, bytes: u64) -> Self {
        self.file_limit = bytes;
        self
    }
}

/// How a file is saved: what is known of its content, and on what it depends.
///
/// ```
/// use manager_runtime::store::{Conditions, Digest, Save};
///
/// let save = Save::new()
///     .media_type("text/csv")
///     .digest(Digest::of(b"day;total\n"))
///     .conditions(Conditions::new().if_none_match("*"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Save {
    pub(super) media_type: Option<String>,
    pub(super) digest: Option<Digest>,
    pub(super) conditions: Conditions,
    pub(super) size: Option<u64>,
}

impl Save {
    /// Nothing is known, and there is no condition.
    ///
    /// ```
    /// let save = manager_runtime::store::Save::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The media type of the content, as `Content-Type` has it; at most 255 visible ASCII characters.
    ///
    /// ```
    /// let save = manager_runtime::store::Save::new().media_type("image/png");
    /// ```
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// What the digest of the content has to be; any other content is not stored.
    ///
    /// ```
    /// use manager_runtime::store::{Digest, Save};
    /// let save = Save::new().digest(Digest::of(b"abc"));
    /// ```
    #[must_use]
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = Some(digest);
        self
    }

    /// What has to be there, or not to be there.
    ///
    /// ```
    /// use manager_runtime::store::{Conditions, Save};
    /// let save = Save::new().conditions(Conditions::new().if_none_match("*"));
    /// ```
    #[must_use]
    pub fn conditions(mut self, conditions: Conditions) -> Self {
        self.conditions = conditions;
        self
    }

    /// How many bytes are announced. What would be too much is refused before it is read; the content itself
    /// may have another length.
    ///
    /// ```
    /// let save = manager_runtime::store::Save::new().announced(1 << 20);
    /// ```
    #[must_use]
    pub fn announced(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }
}

/// What became of an upload.
///
/// ```
/// # use manager_runtime::Body;
/// # use manager_runtime::store::{DirectoryStore, Save};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> manager_runtime::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let store = DirectoryStore::open(folder.path()).await?;
/// assert!(!store.save("a", Body::from("1"), Save::new()).await?.replaced);
/// assert!(store.save("a", Body::from("2"), Save::new()).await?.replaced);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Saved {
    /// What is known of the file now.
    pub metadata: Metadata,
    /// Whether there was a file of this name before.
    pub replaced: bool,
}

/// A file of a store, open.
///
/// ```
/// # use manager_runtime::Body;
/// # use manager_runtime::store::{DirectoryStore, Save};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> manager_runtime::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let store = DirectoryStore::open(folder.path()).await?;
/// # store.save("a.txt", Body::from("abc"), Save::new()).await?;
/// let stored = store.get("a.txt").await?;
/// store.save("a.txt", Body::from("another"), Save::new()).await?;
/// // What was opened stays what it was.
/// let mut file = tokio::fs::File::from_std(stored.file);
/// let mut text = String::new();
/// tokio::io::AsyncReadExt::read_to_string(&mut file, &mut text).await?;
/// assert_eq!(text, "abc");
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Stored {
    /// The content. Whoever replaces or deletes the file in the meantime does not change it.
    pub file: File,
    /// What is known of it.
    pub metadata: Metadata,
}

impl DirectoryStore {
    /// Opens a directory with the limits of [`Options::new`]; see [`open_with`](Self::open_with).
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let directory = folder.path().join("uploads");
    /// let store = manager_runtime::store::DirectoryStore::open(directory).await?;
    /// # Ok(()) }
    /// ```
    pub async fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(directory, Options::new()).await
    }

    /// Opens a directory: makes it if only the last part of its path is missing, holds it against other
    /// processes, removes what a crash left, and counts what is there.
    ///
    /// # Errors
    ///
    /// `Conflict` if the directory is open already, in this process or another; `Internal`, with the path in
    /// its text for the log, if it cannot be made, read or written.
    ///
    /// ```
    /// use manager_runtime::store::{DirectoryStore, Options};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let directory = folder.path().join("uploads");
    /// let store = DirectoryStore::open_with(&directory, Options::new().quota(1 << 30)).await?;
    /// assert!(DirectoryStore::open(&directory).await.is_err(), "it is open");
    /// # Ok(()) }
    /// ```
    pub async fn open_with(directory: impl AsRef<Path>, options: Options) -> Result<Self> {
        let directory = directory.as_ref().to_owned();
        let inner = blocking(move || Inner::open(&directory, options)).await?;
        Ok(DirectoryStore { inner: Arc::new(inner) })
    }

    /// Saves a content under a name. When it returns, the content is on the disk, synced, and in its place;
    /// if it fails or is dropped, all is as it was before.
    ///
    /// # Errors
    ///
    /// `BadRequest` for what is no name or no media type, `PreconditionFailed` if a condition does not hold,
    /// `TooLarge` over the limit of a file, `InsufficientStorage` over the quota or on a full disk,
    /// `Unprocessable` if the content has another digest than it should, `Conflict` if a directory has the
    /// name, the error of the content itself, and trouble with the disk.
    ///
    /// ```
    /// use manager_runtime::store::{Digest, DirectoryStore, Save};
    /// use manager_runtime::{Body, Kind};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = DirectoryStore::open(folder.path()).await?;
    /// let save = Save::new().digest(Digest::of(b"what was sent"));
    /// let error = store.save("a", Body::from("what came"), save).await.unwrap_err();
    /// assert_eq!(error.kind(), Kind::Unprocessable);
    /// # Ok(()) }
    /// ```
    pub async fn save<S, B, E>(&self, name: &str, content: S, save: Save) -> Result<Saved>
    where
        S: Stream<Item = std::result::Result<B, E>>,
        B: Into<Bytes>,
        E: Into<BoxError>,
    {
        check_media_type(save.media_type.as_deref())?;
        let name = Name::new(&self.inner, name)?;
        self.inner.check_size(save.size.unwrap_or(0))?;
        let (inner, begun, conditions) =
            (self.inner.clone(), name.clone(), save.conditions.clone());
        let draft = blocking(move || {
            inner.check(&begun, &conditions)?;
            inner.draft()
        });
        let (draft, outcome) = draft::fill(draft.await?, content).await;
        let inner = self.inner.clone();
        blocking(move || {
            // A draft that comes to nothing is dropped here, where that may take its time.
            let draft = draft.ok_or_else(|| Error::internal("the upload was cut off"));
            outcome.and(draft).and_then(|draft| inner.place(draft, &name, &save))
        })
        .await
    }

    /// Opens a file for reading.
    ///
    /// The digest of a file that was put into the directory by other means is computed once, when it is first
    /// asked for: that takes as long as reading it.
    ///
    /// # Errors
    ///
    /// `BadRequest` for what is no name, `NotFound` if there is no such file, and trouble with the disk.
    ///
    /// ```
    /// use manager_runtime::Kind;
    /// # use manager_runtime::store::DirectoryStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = DirectoryStore::open(folder.path()).await?;
    /// assert_eq!(store.get("missing").await.unwrap_err().kind(), Kind::NotFound);
    /// assert_eq!(store.get("../secret").await.unwrap_err().kind(), Kind::BadRequest);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, name: &str) -> Result<Stored> {
        let (inner, name) = (self.inner.clone(), Name::new(&self.inner, name)?);
        blocking(move || inner.current(&name, None)?.ok_or_else(no_file)).await
    }

    /// What is known of a file.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    ///
    /// ```
    /// # use manager_runtime::Body;
    /// # use manager_runtime::store::{DirectoryStore, Save};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = DirectoryStore::open(folder.path()).await?;
    /// store.save("a.png", Body::from("..."), Save::new().media_type("image/png")).await?;
    /// let metadata = store.metadata("a.png").await?;
    /// assert_eq!(metadata.media_type.as_deref(), Some("image/png"));
    /// # Ok(()) }
    /// ```
    pub async fn metadata(&self, name: &str) -> Result<Metadata> {
        Ok(self.get(name).await?.metadata)
    }

    /// Deletes a file, if the conditions hold. Whoever is reading it reads on.
    ///
    /// # Errors
    ///
    /// `BadRequest` for what is no name, `PreconditionFailed` if a condition does not hold, `NotFound` if
    /// there is no such file, and trouble with the disk.
    ///
    /// ```
    /// use manager_runtime::Kind;
    /// # use manager_runtime::Body;
    /// # use manager_runtime::store::{Conditions, DirectoryStore, Save};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = DirectoryStore::open(folder.path()).await?;
    /// # store.save("a", Body::from("1"), Save::new()).await?;
    /// store.delete("a", &Conditions::new()).await?;
    /// let error = store.delete("a", &Conditions::new()).await.unwrap_err();
    /// assert_eq!(error.kind(), Kind::NotFound);
    /// # Ok(()) }
    /// ```
    pub async fn delete(&self, name: &str, conditions: &Conditions) -> Result<()> {
        let (inner, name) = (self.inner.clone(), Name::new(&self.inner, name)?);
        let conditions = conditions.clone();
        blocking(move || inner.delete(&name, &conditions)).await
    }

    /// A page of the files, in the order of the bytes of their names, after the name `after`; at most `limit` of
    /// them, and at most 1000. Every page reads the names in the directory once, and keeps no more of
    /// them in memory than it returns.
    ///
    /// # Errors
    ///
    /// Trouble with the disk.
    ///
    /// ```
    /// # use manager_runtime::Body;
    /// # use manager_runtime::store::{DirectoryStore, Save};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = DirectoryStore::open(folder.path()).await?;
    /// for name in ["a", "b", "c"] {
    ///     store.save(name, Body::from("1"), Save::new()).await?;
    /// }
    /// let first = store.list(None, 2).await?;
    /// assert_eq!(first.files.len(), 2);
    /// let second = store.list(first.next.as_deref(), 2).await?;
    /// assert_eq!((second.files[0].name.as_str(), second.next), ("c", None));
    /// # Ok(()) }
    /// ```
    pub async fn list(&self, after: Option<&str>, limit: usize) -> Result<Page> {
        let (inner, after) = (self.inner.clone(), after.map(str::to_owned));
        blocking(move || list::page(&inner, after.as_deref(), limit)).await
    }

    /// How many bytes all files have together, with those that are being uploaded.
    ///
    /// ```
    /// # use manager_runtime::Body;
    /// # use manager_runtime::store::{DirectoryStore, Save};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = DirectoryStore::open(folder.path()).await?;
    /// store.save("a", Body::from("12345"), Save::new()).await?;
    /// assert_eq!(store.used(), 5);
    /// # Ok(()) }
    /// ```
    pub fn used(&self) -> u64 {
        self.inner.quota.used()
    }
}

pub(super) fn check_media_type(media_type: Option<&str>) -> Result<()> {
    let Some(media_type) = media_type else { return Ok(()) };
    let is_visible = media_type.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if media_type.len() <= 255 && is_visible && HeaderValue::from_str(media_type).is_ok() {
        return Ok(());
    }
    Err(Error::bad_request("the media type has at most 255 characters, all of them visible ASCII"))
}

fn no_file() -> Error {
    Error::not_found("there is no file of this name")
}

/// Runs what may wait for the disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Error::internal("the store has failed").with_source(error)),
    }
}

/// A name that was checked, and what it is called in the directory.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) given: String,
    written: String,
}

impl Name {
    pub(super) fn new(inner: &Inner, name: &str) -> Result<Self> {
        name::check(name)?;
        Ok(Name { given: name.to_owned(), written: inner.encoding.encode(name) })
    }
}

/// How many names share one lock. Whoever waits for another's name waits for a few syncs at most.
const LOCKS: usize = 64;

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) disk: Disk,
    pub(super) encoding: Encoding,
    pub(super) quota: Arc<Quota>,
    pub(super) file_limit: u64,
    /// Held while what is at a name is looked at and changed.
    locks: [Mutex<()>; LOCKS],
    hash: RandomState,
    /// The resumable uploads that somebody has asked for.
    pub(super) sessions: Sessions,
    /// Holds the directory as long as the store is there.
    _lock: File,
}

impl Inner {
    fn open(directory: &Path, options: Options) -> Result<Self> {
        let Options { quota, file_limit } = options;
        let disk = Disk::prepare(directory)?;
        let lock = disk.lock()?;
        sweep(&disk)?;
        let used = measure(&disk)?;
        Ok(Inner {
            encoding: Encoding { exact: disk.is_exact() },
            disk,
            quota: Quota::new(quota, used),
            file_limit,
            locks: [const { Mutex::new(()) }; LOCKS],
            hash: RandomState::new(),
            sessions: Sessions::default(),
            _lock: lock,
        })
    }

    /// Refuses what is announced to be too much.
    pub(super) fn check_size(&self, size: u64) -> Result<()> {
        if size > self.file_limit {
            return Err(draft::too_long(self.file_limit));
        }
        self.quota.has_room(size)
    }

    /// A file to write to.
    fn draft(&self) -> Result<Draft> {
        let (file, temporary) = self.disk.create()?;
        Ok(Draft::new(file, temporary, self.file_limit, Reservation::new(self.quota.clone())))
    }

    fn lock(&self, name: &Name) -> MutexGuard<'_, ()> {
        let number = self.hash.hash_one(&name.written) as usize % LOCKS;
        self.locks[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the conditions against what is there now.
    pub(super) fn check(&self, name: &Name, conditions: &Conditions) -> Result<()> {
        if conditions.is_empty() {
            return Ok(());
        }
        let current = self.current(name, None)?;
        conditions.check(current.as_ref().map(|stored| &stored.metadata))
    }

    /// Puts a draft in the place of its name, if all is as it should be.
    pub(super) fn place(&self, mut draft: Draft, name: &Name, save: &Save) -> Result<Saved> {
        let failed = |error| trouble("an upload cannot be put in place", error);
        let sha256 = draft.finish()?;
        if save.digest.is_some_and(|expected| expected != sha256) {
            let text = "the content does not have the digest that was sent with it";
            return Err(Error::unprocessable(text));
        }
        let place = self.disk.file(&name.written);
        let lock = self.lock(name);
        if !save.conditions.is_empty() {
            let current = self.current(name, Some(&lock))?;
            save.conditions.check(current.as_ref().map(|stored| &stored.metadata))?;
        }
        let old = match fs::symlink_metadata(&place) {
            Ok(old) if old.is_dir() => {
                return Err(Error::conflict("the name is taken by something that is no file"));
            }
            // A link is replaced, not followed.
            Ok(old) => Some(old).filter(fs::Metadata::is_file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let attributes = draft.file.metadata().map_err(failed)?;
        let record =
            Record { stamp: Stamp::of(&attributes), sha256, media_type: save.media_type.clone() };
        let metadata = described(name, &record, &attributes);
        let of_old = old
            .as_ref()
            .and_then(|old| self.sidecar(&name.written)?.of_stamp(Stamp::of(old)).cloned());
        self.write_sidecar(name, [Some(record), of_old].into_iter().flatten().collect())?;
        draft.rename(&place).map_err(failed)?;
        if let Some(old) = &old {
            self.quota.give_back(old.len());
        }
        sync(self.disk.root()).map_err(failed)?;
        Ok(Saved { metadata, replaced: old.is_some() })
    }

    fn delete(&self, name: &Name, conditions: &Conditions) -> Result<()> {
        let failed = |error| trouble("a file cannot be deleted", error);
        let place = self.disk.file(&name.written);
        let lock = self.lock(name);
        if !conditions.is_empty() {
            let current = self.current(name, Some(&lock))?;
            conditions.check(current.as_ref().map(|stored| &stored.metadata))?;
        }
        let Some(file) = self.disk.open(&place)? else { return Err(no_file()) };
        let size = file.metadata().map_err(failed)?.len();
        match fs::remove_file(&place) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(no_file()),
            removed => removed.map_err(failed)?,
        }
        self.quota.give_back(size);
        sync(self.disk.root()).map_err(failed)?;
        // What is left of it is swept at the next start.
        let _ = fs::remove_file(self.disk.sidecar(&name.written));
        Ok(())
    }

    /// What is there under a name. `lock` is that of the name, if it is held.
    fn current(&self, name: &Name, lock: Option<&MutexGuard<'_, ()>>) -> Result<Option<Stored>> {
        let failed = |error| trouble("a file cannot be read", error);
        let place = self.disk.file(&name.written);
        // Somebody may replace the file between two steps; nobody does so for ever.
        for _ in 0..8 {
            let Some(mut file) = self.disk.open(&place)? else { return Ok(None) };
            let attributes = file.metadata().map_err(failed)?;
            let stamp = Stamp::of(&attributes);
            let is_there =
                || fs::symlink_metadata(&place).is_ok_and(|now| Stamp::of(&now) == stamp);
            let sidecar = self.sidecar(&name.written);
            if let Some(record) = sidecar.as_ref().and_then(|known| known.of_stamp(stamp)) {
                let metadata = described(name, record, &attributes);
                return Ok(Some(Stored { file, metadata }));
            }
            if !is_there() {
                continue;
            }
            let sha256 = draft::hash(&mut file).map_err(failed)?;
            let known = sidecar.as_ref().and_then(|known| known.of_digest(sha256));
            let media_type = known.and_then(|known| known.media_type.clone());
            let record = Record { stamp, sha256, media_type };
            let _held = if lock.is_none() { Some(self.lock(name)) } else { None };
            if is_there() {
                let metadata = described(name, &record, &attributes);
                // Without it the digest is computed again the next time.
                let _ = self.write_sidecar(name, vec![record]);
                return Ok(Some(Stored { file, metadata }));
            }
        }
        Err(Error::unavailable("the file changes all the time"))
    }

    /// What is written down of a file; nothing if that cannot be read.
    pub(super) fn sidecar(&self, written: &str) -> Option<Sidecar> {
        let content = fs::read(self.disk.sidecar(written)).ok()?;
        serde_json::from_slice(&content)
            .inspect_err(|error| tracing::warn!(%error, file = written, "metadata is unreadable"))
            .ok()
    }

    fn write_sidecar(&self, name: &Name, records: Vec<Record>) -> Result<()> {
        let content = serde_json::to_vec(&Sidecar { name: name.given.clone(), records })?;
        self.disk.replace(&self.disk.sidecar(&name.written), &content)
    }
}

fn described(name: &Name, record: &Record, attributes: &fs::Metadata) -> Metadata {
    Metadata {
        name: name.given.clone(),
        size: record.stamp.size,
        digest: record.sha256,
        media_type: record.media_type.clone(),
        modified: modified(attributes),
    }
}

pub(super) fn modified(attributes: &fs::Metadata) -> SystemTime {
    attributes.modified().unwrap_or(UNIX_EPOCH)
}

/// Removes what a crash left: what was not put in place, and what is known of files that are gone.
fn sweep(disk: &Disk) -> Result<()> {
    let remove = |path: &Path| {
        fs::remove_file(path).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(trouble("what a crash left cannot be removed", error)),
        })
    };
    for entry in disk.entries(&disk.partial())? {
        remove(&entry?.path())?;
    }
    for entry in disk.entries(&disk.meta())? {
        let entry = entry?;
        let name = entry.file_name();
        let of = name.to_str().and_then(|name| name.strip_suffix(SIDECAR));
        let is_gone = |written: &str| match fs::symlink_metadata(disk.file(written)) {
            Err(error) => error.kind() == ErrorKind::NotFound,
            Ok(_) => false,
        };
        if of.is_some_and(is_gone) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// How many bytes the files have that are there.
fn measure(disk: &Disk) -> Result<u64> {
    let mut sum = 0_u64;
    for folder in [disk.root(), &disk.tus()] {
        for entry in disk.entries(folder)? {
            // Of links the target is somebody else's; what is gone by now has no length.
            let entry = entry?;
            // What is written of an upload is no part of it.
            let counts =
                folder == disk.root() || entry.file_name().as_encoded_bytes().ends_with(PART);
            if let Ok(attributes) = entry.metadata()
                && attributes.is_file()
                && counts
            {
                sum = sum.saturating_add(attributes.len());
            }
        }
    }
    Ok(sum)
}
