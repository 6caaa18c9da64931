//! Uploads that are resumed (tus 1.0), up to what HTTP says of them.
//!
//! ```text
//! create -> append, append, .. -> in its place
//!              |         |
//!            offset   terminate
//! ```
//!
//! In the store's own folder an upload is two files: its content so far, and what is known of it, with the
//! offset up to which the content is on the disk for certain. After a crash an upload goes on from there; what
//! was written beyond is cut off.
//!
//! A complete upload becomes a file in the same way as one that came in one piece. That it is complete stays
//! known until it would have expired, so that a client who lost the last answer learns it.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::checksum::Checksum;
use super::conditions::Conditions;
use super::digest::Digest;
use super::directory::{DirectoryStore, Inner, Name, Save, Saved, blocking, check_media_type};
use super::disk::{Temporary, fresh_id, nofollow, sync, trouble};
use super::draft::{self, Draft, Milestones};
use super::quota::Reservation;
use crate::error::{BoxError, Error, Kind, Result};

/// The ending of what an upload has so far.
pub(super) const PART: &[u8] = b".part";

/// How much may be lost of an upload by a crash.
const MILESTONE: u64 = 64 << 20;

/// How often it is looked for what has expired.
const SWEEP: Duration = Duration::from_secs(60);

/// The resumable uploads of a store.
#[derive(Clone, Debug)]
pub(crate) struct Tus {
    inner: Arc<Inner>,
    /// How long an upload is kept after the last that came of it.
    lifetime: Duration,
}

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Another request is writing to the upload.
    Locked,
    /// What came was not what its checksum says; it was cut off again.
    WrongChecksum,
    Other(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Other(error)
    }
}

/// What an upload begins with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Creation {
    /// What the file is to be called; without one, by the number of the upload.
    pub(crate) name: Option<String>,
    /// How long the whole is.
    pub(crate) length: u64,
    pub(crate) media_type: Option<String>,
    /// What the client said of it, to be given back.
    pub(crate) metadata: Option<String>,
    /// What the whole has to be.
    pub(crate) digest: Option<Digest>,
    /// Checked now, and when it is put in place.
    pub(crate) conditions: Conditions,
}

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) metadata: Option<String>,
    pub(crate) expires: SystemTime,
}

/// One more part of an upload.
#[derive(Debug)]
pub(crate) struct Part {
    /// Where it belongs.
    pub(crate) offset: u64,
    pub(crate) checksum: Option<Checksum>,
    /// How long it is, if that is known.
    pub(crate) announced: Option<u64>,
}

/// What is written down of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Info {
    name: String,
    length: u64,
    /// How much is on the disk for certain.
    offset: u64,
    /// When something came last, in seconds of the epoch.
    touched: u64,
    media_type: Option<String>,
    metadata: Option<String>,
    digest: Option<String>,
    conditions: Conditions,
    /// Whether it is in its place.
    complete: bool,
}

/// Those that somebody has asked for since the start.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: Mutex<HashMap<String, Arc<AsyncMutex<Session>>>>,
    swept: Mutex<Option<SystemTime>>,
}

/// What is kept of an upload between its parts. Whoever writes holds it.
#[derive(Default)]
struct Session {
    /// The hash of all up to the offset, so that the whole is not read again at the end.
    hasher: Option<(u64, Sha256)>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Tus {
    /// The uploads of a store, which are kept so long. Those that have expired are removed.
    pub(crate) async fn open(store: &DirectoryStore, lifetime: Duration) -> Result<Self> {
        let tus = Tus { inner: store.inner.clone(), lifetime };
        let own = tus.clone();
        blocking(move || own.sweep()).await?;
        Ok(tus)
    }

    /// How long an upload may be.
    pub(crate) fn max_size(&self) -> u64 {
        self.inner.file_limit
    }

    /// Begins an upload. Says its number.
    pub(crate) async fn create(&self, creation: Creation) -> Result<(String, Progress), Fault> {
        let own = self.clone();
        let created = blocking(move || {
            own.sweep()?;
            own.begin(creation)
        });
        Ok(created.await?)
    }

    /// How far an upload is.
    pub(crate) async fn offset(&self, id: &str) -> Result<Progress, Fault> {
        let (own, id) = (self.clone(), id.to_owned());
        Ok(blocking(move || own.read(&id).map(|(_, info)| own.progress(&info))).await?)
    }

    /// Adds a part. What came before an error stays, unless it has a checksum. It goes on if its caller is
    /// dropped: the content ends then, and what came of it is kept.
    pub(crate) async fn append<S, B, E>(
        &self,
        id: &str,
        part: Part,
        content: S,
    ) -> Result<Progress, Fault>
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes> + Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        let (own, id) = (self.clone(), id.to_owned());
        let session = own.hold(&id).await?;
        let task = tokio::spawn(async move { own.add(id, session, part, content).await });
        match task.await {
            Ok(outcome) => outcome,
            Err(error) => Err(Error::internal("the upload was cut off").with_source(error).into()),
        }
    }

    /// Gives an upload up. A file that has been made of it stays.
    pub(crate) async fn terminate(&self, id: &str) -> Result<(), Fault> {
        let _session = self.hold(id).await?;
        let (own, id) = (self.clone(), id.to_owned());
        Ok(blocking(move || {
            own.read(&id)?;
            own.remove(&id)
        })
        .await?)
    }

    /// Keeps others from an upload.
    async fn hold(&self, id: &str) -> Result<OwnedMutexGuard<Session>, Fault> {
        // Before there is a session for it: nobody keeps what was never there.
        let (own, asked) = (self.clone(), id.to_owned());
        blocking(move || own.read(&asked)).await?;
        let mut open = self.inner.sessions.open.lock().unwrap_or_else(PoisonError::into_inner);
        let session = open.entry(id.to_owned()).or_default().clone();
        session.try_lock_owned().map_err(|_| Fault::Locked)
    }

    async fn add<S, B, E>(
        self,
        id: String,
        mut session: OwnedMutexGuard<Session>,
        part: Part,
        content: S,
    ) -> Result<Progress, Fault>
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes>,
        E: Into<BoxError>,
    {
        let Part { offset, checksum, announced } = part;
        let has_checksum = checksum.is_some();
        let known = session.hasher.take();
        let (own, asked) = (self.clone(), id.clone());
        let resumed = blocking(move || {
            let (id, info) = own.read(&asked)?;
            own.resume(&id, &info, offset, announced, known, checksum).map(|draft| (info, draft))
        });
        let (info, draft) = resumed.await?;
        let Some(draft) = draft else { return Ok(self.progress(&info)) };
        let before = draft.hasher.clone();
        let (draft, outcome) = draft::fill(draft, content).await;
        let own = self.clone();
        let added = blocking(move || {
            let Some(mut draft) = draft else { return Err(outcome.err().unwrap_or_else(cut)) };
            let is_wrong = match draft.checksum.take() {
                Some(checksum) => outcome.is_err() || !checksum.holds(),
                None => false,
            };
            if is_wrong {
                draft.reserved.shrink(draft.size - offset);
                draft.size = offset;
                draft.hasher = before;
            }
            let info = own.record(&id, info, &mut draft)?;
            let hasher = draft.hasher.clone().map(|hasher| (draft.size, hasher));
            if is_wrong || info.offset < info.length {
                return Ok((info, hasher, outcome.map(|()| !is_wrong)));
            }
            let info = own.complete(&id, info, draft)?;
            Ok((info, None, outcome.map(|()| true)))
        });
        let (info, hasher, outcome) = added.await?;
        session.hasher = hasher;
        match outcome {
            Ok(false) if has_checksum => Err(Fault::WrongChecksum),
            Ok(_) => Ok(self.progress(&info)),
            // All of it came, whatever became of the connection after that.
            Err(_) if info.complete => Ok(self.progress(&info)),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down an upload that has nothing yet.
    fn begin(&self, creation: Creation) -> Result<(String, Progress)> {
        let Creation { name, length, media_type, metadata, digest, conditions } = creation;
        let id = fresh_id();
        let name = Name::new(&self.inner, name.as_deref().unwrap_or(&id))?;
        check_media_type(media_type.as_deref())?;
        self.inner.check_size(length)?;
        self.inner.check(&name, &conditions)?;
        let info = Info {
            name: name.given,
            length,
            offset: 0,
            touched: now(),
            media_type,
            metadata,
            digest: digest.map(|digest| digest.to_string()),
            conditions,
            complete: false,
        };
        let failed = |error| trouble("an upload cannot be begun", error);
        let path = self.part(&id);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(failed)?;
        let begun = self.write(&id, &info).and_then(|()| {
            sync(&self.inner.disk.tus()).map_err(failed)?;
            if length > 0 {
                return Ok(info);
            }
            let draft = self.draft(file, &path, &info);
            self.complete(&id, info, draft)
        });
        match begun {
            Ok(info) => Ok((id, self.progress(&info))),
            Err(error) => {
                let _ = self.remove(&id);
                Err(error)
            }
        }
    }

    /// The upload with this number.
    fn read(&self, id: &str) -> Result<(String, Info)> {
        let nothing = || Error::not_found("there is no such upload");
        // It becomes part of a path.
        let is_number =
            id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_number {
            return Err(nothing());
        }
        let Some(file) = self.inner.disk.open(&self.info(id))? else { return Err(nothing()) };
        let info: Info =
            serde_json::from_reader(std::io::BufReader::new(file)).map_err(|error| {
                tracing::error!(%error, id, "what was written of an upload cannot be read");
                nothing()
            })?;
        if self.expires(&info) < SystemTime::now() && !self.is_held(id) {
            let _ = self.remove(id);
            return Err(Error::gone("the upload has expired"));
        }
        Ok((id.to_owned(), info))
    }

    /// Opens an upload where it is to go on. `None` if there is nothing to be added.
    fn resume(
        &self,
        id: &str,
        info: &Info,
        offset: u64,
        announced: Option<u64>,
        known: Option<(u64, Sha256)>,
        checksum: Option<Checksum>,
    ) -> Result<Option<Draft>> {
        let failed = |error| trouble("an upload cannot be resumed", error);
        if offset != info.offset {
            let text = format!("the upload is at {}, and the request is for {offset}", info.offset);
            return Err(Error::conflict(text));
        }
        let left = info.length - offset;
        if announced.is_some_and(|announced| announced > left) {
            return Err(Error::too_large(format!("{left} bytes are left of the upload")));
        }
        if info.complete {
            return Ok(None);
        }
        self.inner.quota.has_room(announced.unwrap_or(0))?;
        let path = self.part(id);
        let opened = nofollow(OpenOptions::new().read(true).write(true)).open(&path);
        let mut file = match opened {
            // It was put in place, and nobody came to write that down.
            Err(error) if error.kind() == ErrorKind::NotFound && left == 0 => {
                self.write(id, &Info { complete: true, ..info.clone() })?;
                return Ok(None);
            }
            opened => opened.map_err(failed)?,
        };
        let written = file.metadata().map_err(failed)?.len();
        if written < info.offset {
            tracing::error!(id, written, offset, "an upload is shorter than was written down");
            self.remove(id)?;
            return Err(Error::gone("the upload is lost; begin it again"));
        }
        if written > info.offset {
            file.set_len(info.offset).map_err(failed)?;
            self.inner.quota.give_back(written - info.offset);
        }
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let hasher = match known {
            Some((at, hasher)) if at == offset => Some(hasher),
            _ if offset == 0 => Some(Sha256::new()),
            _ => None,
        };
        let (own, of, mut reached) = (self.clone(), id.to_owned(), info.clone());
        let note = move |size: u64| {
            reached.offset = size;
            reached.touched = now();
            own.write(&of, &reached)
        };
        // What is to be checked is not noted before it was.
        let every = if checksum.is_some() { u64::MAX } else { MILESTONE };
        let milestones = Milestones { every, last: offset, note: Box::new(note) };
        let mut draft = self.draft(file, &path, info).resume(offset, hasher, milestones);
        draft.checksum = checksum;
        Ok(Some(draft))
    }

    fn draft(&self, file: File, path: &std::path::Path, info: &Info) -> Draft {
        let reserved = Reservation::new(self.inner.quota.clone());
        Draft::new(file, Temporary::kept(path.to_owned()), info.length, reserved)
    }

    /// Writes down how far it is, when that is on the disk.
    fn record(&self, id: &str, info: Info, draft: &mut Draft) -> Result<Info> {
        let failed = |error| trouble("an upload cannot be written", error);
        let size = draft.size;
        // It counts until it is given up, whatever becomes of the rest.
        draft.reserved.keep();
        // Of a batch that failed some may have been written.
        draft.file.set_len(size).and_then(|()| draft.file.sync_data()).map_err(failed)?;
        let info = Info { offset: size, touched: now(), ..info };
        self.write(id, &info)?;
        Ok(info)
    }

    /// Makes a file of an upload.
    fn complete(&self, id: &str, info: Info, draft: Draft) -> Result<Info> {
        let placed = self.place(&info, draft);
        match placed {
            Ok(_) => {
                let info = Info { complete: true, touched: now(), ..info };
                // If that fails, it is seen by the file that is no longer there.
                let _ = self.write(id, &info);
                self.forget(id);
                Ok(info)
            }
            // The disk may be better the next time.
            Err(error)
                if matches!(
                    error.kind(),
                    Kind::Unavailable | Kind::InsufficientStorage | Kind::Internal
                ) =>
            {
                Err(error)
            }
            // What is wrong with it stays wrong.
            Err(error) => {
                let _ = self.remove(id);
                Err(error)
            }
        }
    }

    fn place(&self, info: &Info, draft: Draft) -> Result<Saved> {
        let name = Name::new(&self.inner, &info.name)?;
        let digest = info.digest.as_deref().map(str::parse).transpose()?;
        let media_type = info.media_type.clone();
        let conditions = info.conditions.clone();
        let save = Save { media_type, digest, conditions, size: None };
        self.inner.place(draft, &name, &save)
    }

    /// Removes what there is of an upload.
    fn remove(&self, id: &str) -> Result<()> {
        let failed = |error| trouble("an upload cannot be removed", error);
        let gone = |removed: std::io::Result<()>| match removed {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(failed),
        };
        // First what says that there is one.
        gone(fs::remove_file(self.info(id)))?;
        let part = self.part(id);
        let size = fs::symlink_metadata(&part).map_or(0, |attributes| attributes.len());
        gone(fs::remove_file(part))?;
        self.inner.quota.give_back(size);
        self.forget(id);
        Ok(())
    }

    /// Removes what has expired, unless that was done a moment ago.
    fn sweep(&self) -> Result<()> {
        let mut swept = self.inner.sessions.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemTime::now();
        if swept.is_some_and(|last| now.duration_since(last).is_ok_and(|age| age < SWEEP)) {
            return Ok(());
        }
        *swept = Some(now);
        let tus = self.inner.disk.tus();
        for entry in self.inner.disk.entries(&tus)? {
            let name = entry?.file_name();
            let Some((id, end)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            match end {
                // Reading it removes it if it has expired.
                "json" => _ = self.read(id),
                // One that was begun, and of which nothing could be written down.
                _ if !self.info(id).exists() && self.is_old(id) => self.remove(id)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the content of an upload was written before the last sweep: it is not just being begun.
    fn is_old(&self, id: &str) -> bool {
        let written = fs::symlink_metadata(self.part(id)).and_then(|part| part.modified());
        written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > SWEEP))
    }

    /// Whether somebody is writing to it.
    fn is_held(&self, id: &str) -> bool {
        let open = self.inner.sessions.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(id).is_some_and(|session| session.try_lock().is_err())
    }

    fn forget(&self, id: &str) {
        self.inner.sessions.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    fn expires(&self, info: &Info) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(info.touched) + self.lifetime
    }

    fn progress(&self, info: &Info) -> Progress {
        Progress {
            offset: info.offset,
            length: info.length,
            metadata: info.metadata.clone(),
            expires: self.expires(info),
        }
    }

    fn write(&self, id: &str, info: &Info) -> Result<()> {
        self.inner.disk.replace(&self.info(id), &serde_json::to_vec(info)?)
    }

    fn info(&self, id: &str) -> PathBuf {
        self.inner.disk.tus().join(format!("{id}.json"))
    }

    fn part(&self, id: &str) -> PathBuf {
        self.inner.disk.tus().join(format!("{id}.part"))
    }
}

fn cut() -> Error {
    Error::internal("the upload was cut off")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
