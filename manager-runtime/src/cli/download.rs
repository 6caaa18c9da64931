//! `download`: a file from a running service.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, Method, Response, StatusCode};
use hyper::body::Incoming;
use sha2::{Digest as _, Sha256};

use super::args::{Download, Output};
use super::effort::{persist, watched};
use super::progress::Progress;
use super::run::{Status, in_runtime};
use super::service::{Failure, Service, next};
use super::{log, terminal, told};
use crate::body::Body;
use crate::error::{Error, Kind, Result};
use crate::http::status;
use crate::store::Digest;

/// Downloads a file, and says what became of it.
pub(super) fn run(order: Download, loudness: i16) -> Status {
    log::start(loudness);
    in_runtime(async move {
        match download(&order).await {
            Ok(line) => {
                terminal::say(&line);
                Status::CLEAN
            }
            Err(error) => {
                terminal::error(&format!("{}: {}", order.name, error.story()));
                Status::FAILED
            }
        }
    })
}

async fn download(order: &Download) -> Result<String> {
    let Download { name, output, url, access } = order;
    let service = Service::new(url, access)?;
    let progress = Progress::new(name, None);
    let mut sink = Sink::open(output)?;
    let mut has_answered = false;
    let told = persist(&progress, async || {
        let outcome = fetch(&service, name, &mut sink, &progress, &mut has_answered).await;
        match outcome {
            // Who was never there is not waited for.
            Err(failure) if !has_answered => Err(failure.into_error().into()),
            outcome => outcome,
        }
    })
    .await;
    let told = match told {
        Ok(Some(digest)) => Some(digest),
        Ok(None) => told::digest(&service, name, &progress).await?,
        Err(error) => {
            if sink.position == 0 || sink.tag.is_none() {
                sink.discard();
            }
            return Err(error);
        }
    };
    let digest = Digest::finish(sink.hasher.clone());
    if let Some(there) = told.filter(|there| *there != digest) {
        sink.discard();
        return Err(Error::conflict(format!(
            "what came is not what {service} has (sha-256 {there} there, {digest} here): it was damaged on the \
             way, or replaced meanwhile; download it again"
        )));
    }
    let size = sink.position;
    sink.finish()?;
    let compared = if told.is_some() { "" } else { ", which the service does not tell of its own" };
    Ok(format!("{name}: downloaded, {size} bytes, sha-256 {digest}{compared}\n"))
}

/// Asks for the rest of the file and takes it in. Gives the digest of the whole, if the service tells it.
async fn fetch(
    service: &Service,
    name: &str,
    sink: &mut Sink,
    progress: &Progress,
    has_answered: &mut bool,
) -> Result<Option<Digest>, Failure> {
    let path = ["stream", "download", name];
    // What is coded could neither be compared nor resumed.
    let mut request = service.request(Method::GET, &path).header(ACCEPT_ENCODING, "identity");
    if let Some(tag) = sink.tag.as_deref().filter(|_| sink.position > 0) {
        request = request.header(RANGE, format!("bytes={}-", sink.position)).header(IF_RANGE, tag);
    }
    let mut answer = watched(service, progress, service.send(request.body(Body::empty())?)).await?;
    *has_answered = true;
    let code = answer.status();
    let length = match code {
        StatusCode::OK => {
            sink.begin(strong_tag(answer.headers()))?;
            number(answer.headers().get(CONTENT_LENGTH))
        }
        StatusCode::PARTIAL_CONTENT => {
            let (from, length) = range(answer.headers()).ok_or_else(|| {
                Error::internal(format!("{service} answers with a part and does not say which"))
            })?;
            if from != sink.position {
                let text = format!("{service} answers with another part than was asked for");
                return Err(Error::internal(text).into());
            }
            length
        }
        _ if status::kind(code) == Kind::RangeNotSatisfiable && sink.position > 0 => {
            // More than there is of it, or all.
            sink.begin(None)?;
            return Err(Failure::Lost(service.refused(answer).await.into_error()));
        }
        _ if status::kind(code) == Kind::NotFound && !service.has(&path).await? => {
            return Err(Error::not_found(format!(
                "{service} has no files: neither the setting `files` nor a handler named `download`"
            ))
            .into());
        }
        _ if code.is_success() => {
            let text = format!("{service} answered {code}, which is no file");
            return Err(Error::internal(text).into());
        }
        _ => return Err(service.refused(answer).await),
    };
    if let Some(length) = length {
        progress.length(length);
    }
    progress.keep(sink.position);
    while let Some(piece) = watched(service, progress, next(answer.body_mut())).await? {
        sink.write(&piece)?;
        progress.keep(sink.position);
    }
    if let Some(length) = length.filter(|length| *length != sink.position) {
        let text = format!("{service} sent {} bytes of {length}", sink.position);
        return Err(Failure::Lost(Error::internal(text)));
    }
    Ok(digest(&answer))
}

/// The digest of the whole, also beside a part (RFC 9530, section 3).
fn digest(answer: &Response<Incoming>) -> Option<Digest> {
    let mut headers = HeaderMap::new();
    let told = answer.headers().get("repr-digest")?;
    headers.insert("repr-digest", told.clone());
    Digest::sent(&headers).ok().flatten()
}

/// A tag that promises the same bytes (RFC 9110, section 8.8.3); only with one a part can be completed.
fn strong_tag(headers: &HeaderMap) -> Option<String> {
    let tag = headers.get(ETAG)?.to_str().ok()?;
    tag.starts_with('"').then(|| tag.to_owned())
}

/// Where a part begins, and how long the whole is if that is known (RFC 9110, section 14.4).
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (part, length) = text.split_once('/')?;
    let (from, _) = part.split_once('-')?;
    Some((from.parse().ok()?, length.parse().ok()))
}

fn number(value: Option<&http::HeaderValue>) -> Option<u64> {
    value?.to_str().ok()?.parse().ok()
}

/// What came so far, and where it goes.
struct Sink {
    to: Destination,
    position: u64,
    hasher: Sha256,
    /// Of the content that is there; without one it cannot be completed.
    tag: Option<String>,
}

enum Destination {
    /// A file that becomes another one when it is whole. It is locked: two at once would mix it up.
    File {
        part: File,
        path: PathBuf,
    },
    StandardOutput,
}

impl Sink {
    /// With what an earlier run has left.
    fn open(output: &Output) -> Result<Self> {
        let empty = |to| Sink { to, position: 0, hasher: Sha256::new(), tag: None };
        let path = match output {
            Output::StandardOutput => return Ok(empty(Destination::StandardOutput)),
            Output::File(path) => path.clone(),
        };
        if path.is_dir() {
            return Err(Error::bad_request(format!(
                "`{}` is a directory; name a file in it with `-o`",
                path.display()
            )));
        }
        let place = beside(&path, ".part");
        let failed = |error: io::Error| {
            let text = format!("`{}` cannot be written", place.display());
            Error::internal(text).with_source(error)
        };
        let mut options = OpenOptions::new();
        let mut part = options.read(true).write(true).create(true).open(&place).map_err(failed)?;
        match part.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = format!("another download writes `{}`; wait for it", place.display());
                return Err(Error::conflict(text));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Another download may have put it in its place before the lock was ours.
        fs::metadata(&place).map_err(failed)?;
        let tag = fs::read_to_string(beside(&path, ".part.etag")).ok();
        let Some(tag) = tag.map(|tag| tag.trim().to_owned()) else {
            return Ok(empty(Destination::File { part, path }));
        };
        let mut hasher = Sha256::new();
        let position = hash(&mut part, &mut hasher).map_err(failed)?;
        Ok(Sink { to: Destination::File { part, path }, position, hasher, tag: Some(tag) })
    }

    /// Begins again, with the content of this tag.
    fn begin(&mut self, tag: Option<String>) -> Result<()> {
        match &mut self.to {
            Destination::StandardOutput if self.position > 0 => {
                return Err(Error::internal(
                    "the connection was lost, and what went to standard output cannot be taken back; run this \
                     again with `-o FILE`",
                ));
            }
            Destination::StandardOutput => {}
            Destination::File { part, path } => {
                let etag = beside(path, ".part.etag");
                // In this order: a tag never stands beside the content of another.
                let begun = match fs::remove_file(&etag) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                    _ => part.set_len(0),
                };
                let begun = begun.and_then(|()| part.seek(SeekFrom::Start(0)));
                let begun =
                    begun.and_then(|_| tag.as_ref().map_or(Ok(()), |tag| fs::write(&etag, tag)));
                begun.map_err(full)?;
            }
        }
        self.position = 0;
        self.hasher = Sha256::new();
        self.tag = tag;
        Ok(())
    }

    fn write(&mut self, piece: &Bytes) -> Result<()> {
        match &mut self.to {
            Destination::File { part, .. } => part.write_all(piece).map_err(full)?,
            Destination::StandardOutput => {
                io::stdout().lock().write_all(piece).map_err(|error| {
                    Error::internal("standard output takes no more").with_source(error)
                })?
            }
        }
        self.hasher.update(piece);
        self.position += piece.len() as u64;
        Ok(())
    }

    /// Puts it in its place.
    fn finish(self) -> Result<()> {
        match self.to {
            Destination::StandardOutput => io::stdout().lock().flush().map_err(|error| {
                Error::internal("standard output takes no more").with_source(error)
            }),
            Destination::File { part, path } => {
                part.sync_all().map_err(full)?;
                fs::rename(beside(&path, ".part"), &path).map_err(|error| {
                    let text = format!("`{}` cannot be written", path.display());
                    Error::internal(text).with_source(error)
                })?;
                let _ = fs::remove_file(beside(&path, ".part.etag"));
                Ok(())
            }
        }
    }

    /// Throws away what is of no use.
    fn discard(self) {
        if let Destination::File { path, .. } = &self.to {
            let _ = fs::remove_file(beside(path, ".part.etag"));
            let _ = fs::remove_file(beside(path, ".part"));
        }
    }
}

fn full(error: io::Error) -> Error {
    Error::internal("what came cannot be written; make room and run this again").with_source(error)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Reads to the end, and says how much that was.
fn hash(file: &mut File, hasher: &mut Sha256) -> io::Result<u64> {
    let mut buffer = vec![0; 256 << 10];
    let mut position = 0;
    loop {
        let read = file.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            return Ok(position);
        };
        hasher.update(piece);
        position += read as u64;
    }
}
