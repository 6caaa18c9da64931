//! Finds what names lead to below a directory, and opens it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use http::HeaderValue;

use super::name::Names;
use crate::error::{Error, Result};
use crate::http::ready::encoding::{Coding, Codings};
use crate::reply::media;
use crate::representation::State;

/// What is served of a directory that is asked for.
const INDEX: &str = "index.html";

/// What is there.
pub(super) enum Found {
    File(Opened),
    /// A directory that was asked for without the slash at its end.
    Folder,
    Nothing,
}

/// A file that is about to be sent.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) state: State,
    /// Of what is in it, if that is encoded.
    pub(super) media_type: HeaderValue,
    pub(super) coding: Option<Coding>,
}

/// Looks for the file, and for one beside it that the client can read and that is shorter.
pub(super) fn find(root: &Path, names: &Names, codings: Codings) -> Result<Found> {
    let Some(mut path) = below(root, &root.join(&names.path)) else { return Ok(Found::Nothing) };
    let is_folder = path.is_dir();
    match (is_folder, names.slash) {
        (true, _) => match below(root, &path.join(INDEX)) {
            Some(index) if index.is_file() && names.slash => path = index,
            Some(index) if index.is_file() => return Ok(Found::Folder),
            _ => return Ok(Found::Nothing),
        },
        (false, true) => return Ok(Found::Nothing),
        (false, false) => {}
    }
    // By the name that was asked for: a link may lead to one that says nothing.
    let asked = if is_folder { Path::new(INDEX) } else { &names.path };
    let media_type = media::of_path(asked);
    let Some((file, state)) = open(&path)? else { return Ok(Found::Nothing) };
    let beside = |coding: Coding| {
        let plain = if is_folder { names.path.join(INDEX) } else { names.path.clone() };
        let end = match coding {
            Coding::Brotli => ".br",
            Coding::Gzip => ".gz",
        };
        let mut name = plain.into_os_string();
        name.push(end);
        let (file, its) = open(&below(root, &root.join(PathBuf::from(name)))?).ok()??;
        // An older one was made of something else.
        (its.modified >= state.modified).then_some((file, its))
    };
    let encoded = codings.liked().find_map(|coding| Some((coding, beside(coding)?)));
    Ok(Found::File(match encoded {
        Some((coding, (file, state))) => Opened { file, state, media_type, coding: Some(coding) },
        None => Opened { file, state, media_type, coding: None },
    }))
}

/// The real place of a path, if that lies in the directory: a link may lead about in it, and not out.
fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    let real = std::fs::canonicalize(path).ok()?;
    real.starts_with(root).then_some(real)
}

/// Opens a file, and nothing but a file: to open some other things is to wait for somebody.
fn open(path: &Path) -> Result<Option<(File, State)>> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Ok(None),
        _ => Err(Error::internal("a file could not be opened").with_source(error)),
    };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Ok(None),
        Err(error) => return failed(error),
    }
    match File::open(path).and_then(|file| State::of(&file).map(|state| (file, state))) {
        Ok(opened) => Ok(Some(opened)),
        Err(error) => failed(error),
    }
}
