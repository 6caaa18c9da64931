//! The places of a store on the disk, and what is said when the disk fails.

use std::fs::{self, DirEntry, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The directory of a store.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
}

/// The store's own, hidden from lists and from whoever asks for a name.
const OWN: &str = ".manager";

/// Where things are within it.
const META: &str = "meta";
const PARTIAL: &str = "partial";
const TUS: &str = "tus";

impl Disk {
    /// Makes the directory, unless the one above it is missing as well, and what the store needs in it.
    pub(super) fn prepare(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| {
            let text = format!("`{}` cannot be the directory of a store: {error}", path.display());
            // Not for clients: it has a path in it.
            Error::from(io::Error::new(error.kind(), text))
        };
        make(path).map_err(failed)?;
        // A link that it was reached by is followed once, here.
        let root = fs::canonicalize(path).map_err(failed)?;
        let disk = Disk { root };
        let own = disk.root.join(OWN);
        for folder in [own.clone(), own.join(META), own.join(PARTIAL), own.join(TUS)] {
            make(&folder).map_err(failed)?;
            // One of these that is a link would lead out.
            if !fs::symlink_metadata(&folder).map_err(failed)?.is_dir() {
                return Err(failed(ErrorKind::NotADirectory.into()));
            }
        }
        sync(&own).and_then(|()| sync(&disk.root)).map_err(failed)?;
        Ok(disk)
    }

    /// Holds the directory against every other process, and against this one, until the file is dropped or
    /// the process ends in whatever way.
    pub(super) fn lock(&self) -> Result<File> {
        let path = self.root.join(OWN).join("lock");
        let mut create = OpenOptions::new();
        create.write(true).create(true).truncate(false);
        // For reading: a file that is open for writing would keep the file system from being made read-only.
        let lock = nofollow(&mut create)
            .open(&path)
            .and_then(|_| nofollow(OpenOptions::new().read(true)).open(&path))
            .map_err(|error| trouble("the lock cannot be opened", error))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => {
                let text = "the directory of the store is open already, in this process or another";
                Err(Error::conflict(text).with_source(self.root.display().to_string()))
            }
            Err(TryLockError::Error(error)) => Err(trouble("the lock cannot be taken", error)),
        }
    }

    /// Whether the file system tells apart whatever has other bytes: case, and Unicode normal forms.
    pub(super) fn is_exact(&self) -> bool {
        let partial = self.partial();
        let probe = partial.join("Probe-\u{e9}");
        let made = File::create(&probe).is_ok();
        let is_there = |name: &str| fs::symlink_metadata(partial.join(name)).is_ok();
        let folds = is_there("probe-\u{e9}") || is_there("Probe-e\u{301}");
        let _ = fs::remove_file(probe);
        made && !folds
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The place of the file that is called so in the directory.
    pub(super) fn file(&self, written: &str) -> PathBuf {
        self.root.join(written)
    }

    pub(super) fn meta(&self) -> PathBuf {
        self.root.join(OWN).join(META)
    }

    /// The place of what is known of that file.
    pub(super) fn sidecar(&self, written: &str) -> PathBuf {
        self.meta().join(format!("{written}{SIDECAR}"))
    }

    pub(super) fn partial(&self) -> PathBuf {
        self.root.join(OWN).join(PARTIAL)
    }

    pub(super) fn tus(&self) -> PathBuf {
        self.root.join(OWN).join(TUS)
    }

    /// A new file that nobody sees yet.
    pub(super) fn create(&self) -> Result<(File, Temporary)> {
        loop {
            let path = self.partial().join(fresh_id());
            match OpenOptions::new().write(true).read(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, Temporary { path, armed: true })),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(trouble("a file cannot be created", error)),
            }
        }
    }

    /// Opens a file, and nothing but a file: no link, and nothing that waits for somebody. `None` if there
    /// is none.
    pub(super) fn open(&self, path: &Path) -> Result<Option<File>> {
        let nothing = || match self.root.is_dir() {
            true => Ok(None),
            false => Err(trouble("the directory is missing", ErrorKind::NotFound.into())),
        };
        match fs::symlink_metadata(path) {
            Ok(attributes) if attributes.is_file() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return nothing(),
            Err(error) => return Err(trouble("a file cannot be looked at", error)),
        }
        let opened = nofollow(OpenOptions::new().read(true)).open(path);
        match opened.and_then(|file| file.metadata().map(|attributes| (file, attributes))) {
            Ok((file, attributes)) if attributes.is_file() => Ok(Some(file)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => nothing(),
            // It became a link in this moment.
            Err(error) if is_link(&error) => Ok(None),
            Err(error) => Err(trouble("a file cannot be opened", error)),
        }
    }

    /// Writes a small file so that a crash leaves the old one or this.
    pub(super) fn replace(&self, path: &Path, content: &[u8]) -> Result<()> {
        let failed = |error| trouble("a file of the store's own cannot be written", error);
        let (mut file, mut temporary) = self.create()?;
        file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
        temporary.rename(path).map_err(failed)?;
        path.parent().map_or(Ok(()), sync).map_err(failed)
    }

    /// Everything in a folder of the store.
    pub(super) fn entries(&self, folder: &Path) -> Result<impl Iterator<Item = Result<DirEntry>>> {
        let failed = |error| trouble("a directory cannot be read", error);
        let entries = fs::read_dir(folder).map_err(failed)?;
        Ok(entries.map(move |entry| entry.map_err(failed)))
    }
}

/// The ending of the files in `meta`.
pub(super) const SIDECAR: &str = ".json";

fn make(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// A file that is removed unless it was put in place, or is to be kept.
#[derive(Debug)]
pub(super) struct Temporary {
    path: PathBuf,
    armed: bool,
}

impl Temporary {
    /// One that stays where it is if it is dropped.
    pub(super) fn kept(path: PathBuf) -> Self {
        Temporary { path, armed: false }
    }

    /// Puts it in its place.
    pub(super) fn rename(&mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.armed = false;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.armed
            && let Err(error) = fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.path.display(), "a file that was given up stays");
        }
    }
}

/// Makes sure that what was renamed or removed in a directory stays so.
#[cfg(unix)]
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Here the system does not sync directories.
#[cfg(not(unix))]
pub(super) fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub(super) fn nofollow(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

/// Whether a file was not opened because it is a link.
#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
fn is_link(_: &io::Error) -> bool {
    false
}

/// Here links are seen before the file is opened, and that has to do.
#[cfg(not(unix))]
pub(super) fn nofollow(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// 32 hexadecimal digits that nobody guesses: hashes under a key of the system's randomness.
pub(super) fn fresh_id() -> String {
    let (one, other) = (RandomState::new(), RandomState::new());
    format!("{:016x}{:016x}", one.hash_one(0), other.hash_one(1))
}

/// What the client reads of trouble with the disk, and what goes to the log.
pub(super) fn trouble(what: &'static str, error: io::Error) -> Error {
    tracing::error!(%error, "trouble with the store: {what}");
    let known = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Error::insufficient_storage("the store has no room left")
        }
        ErrorKind::FileTooLarge => Error::too_large("the file is longer than the store can keep"),
        ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::StaleNetworkFileHandle
        | ErrorKind::TimedOut => Error::unavailable("the store cannot be reached at the moment"),
        _ => Error::internal("the store has failed"),
    };
    known.with_source(error)
}
