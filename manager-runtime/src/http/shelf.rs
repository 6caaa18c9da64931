//! The ready-made store over HTTP: the paths that the setting `files` brings.
//!
//! | path | what |
//! |---|---|
//! | `POST /stream/upload/{file}` | saves a file: 201, or 200 if it replaces one, with the metadata |
//! | `GET /stream/download/{file}` | the file, with conditions and ranges |
//! | `DELETE /stream/download/{file}` | deletes it: 204 |
//! | `GET /stream/metadata/{file}` | what is known of it |
//! | `GET /stream/metadata?after=..&limit=..` | what there is, page by page |
//! | `/stream/tus`, `/stream/tus/{id}` | resumable uploads: [`tus`] |

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::{
    CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, LOCATION,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::body::Body;
use crate::captures::Captures;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::head::{Request, Response};
use crate::http::serve::{self, Asked};
use crate::http::site::Site;
use crate::http::transfer::FILE;
use crate::http::ways::shelf_pattern;
use crate::http::{path, reply, tus};
use crate::message::ReplyHead;
use crate::reply::{disposition, media};
use crate::representation::{EntityTag, REPR_DIGEST, Representation, Source, State};
use crate::route::Pattern;
use crate::store::tus::Tus;
use crate::store::{Conditions, Digest, DirectoryStore, Options, Save};
use crate::transfer::approximate_size;

/// What a path calls the number of a resumable upload.
pub(super) const ID: &str = "id";

/// How long a resumable upload is kept after the last that came of it.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a page of the list is that says nothing of it.
const PAGE: usize = 100;

/// The store that the setting names. It is opened at the start if there is a listener, and otherwise when
/// it is first asked for: who only runs a command has no use for it, and another process may have it.
#[derive(Debug)]
pub(crate) struct Shelf {
    directory: String,
    options: Options,
    opened: OnceCell<Opened>,
}

#[derive(Debug)]
struct Opened {
    store: DirectoryStore,
    tus: Tus,
}

/// What is done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    Upload,
    Download,
    Delete,
    Metadata,
    List,
    Tus,
    TusUpload,
}

impl Errand {
    /// Every one with its method and its path; all methods are those of tus.
    pub(super) const ALL: [(Errand, &'static str, &'static str); 7] = [
        (Errand::Upload, "POST", "stream/upload/{file}"),
        (Errand::Download, "GET", "stream/download/{file}"),
        (Errand::Delete, "DELETE", "stream/download/{file}"),
        (Errand::Metadata, "GET", "stream/metadata/{file}"),
        (Errand::List, "GET", "stream/metadata"),
        (Errand::Tus, "", "stream/tus"),
        (Errand::TusUpload, "", "stream/tus/{id}"),
    ];

    pub(super) fn pattern(self) -> Pattern {
        let path = Errand::ALL.into_iter().find(|(errand, ..)| *errand == self);
        shelf_pattern(path.map_or("", |(_, _, path)| path))
    }

    /// Whether a file comes in.
    pub(super) fn uploads(self) -> bool {
        matches!(self, Errand::Upload | Errand::Tus | Errand::TusUpload)
    }
}

impl Shelf {
    pub(crate) fn of(settings: &Settings) -> Option<Arc<Self>> {
        let directory = settings.files.clone()?;
        let mut options = Options::new().file_limit(settings.upload_limit);
        if let Some(quota) = settings.files_quota {
            options = options.quota(quota);
        }
        Some(Arc::new(Shelf { directory, options, opened: OnceCell::new() }))
    }

    /// What is wrong with the directory, as far as that can be seen without opening it.
    pub(crate) fn check(settings: &Settings) -> std::result::Result<(), String> {
        let Some(directory) = &settings.files else { return Ok(()) };
        let path = Path::new(directory);
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        let why = match std::fs::metadata(path) {
            Ok(there) if there.is_dir() => return Ok(()),
            Ok(_) => "it is no directory",
            Err(_) if above.is_none_or(Path::is_dir) => return Ok(()),
            Err(_) => "the directory above it does not exist",
        };
        Err(format!("the directory `{directory}` that `files` names cannot be used: {why}"))
    }

    /// Opens the store.
    ///
    /// # Errors
    ///
    /// A finding.
    pub(crate) async fn start(&self) -> std::result::Result<(), String> {
        let (directory, failed) = (&self.directory, "that `files` names cannot be used");
        match self.opened().await {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("the directory `{directory}` {failed}: {}", error.message())),
        }
    }

    async fn opened(&self) -> Result<&Opened> {
        let open = async || {
            let store = DirectoryStore::open_with(&self.directory, self.options.clone()).await?;
            let tus = Tus::open(&store, LIFETIME).await?;
            Ok(Opened { store, tus })
        };
        self.opened.get_or_try_init(open).await
    }
}

/// Answers a request for the store.
pub(super) async fn answer(
    site: &Arc<Site>,
    shelf: &Shelf,
    errand: Errand,
    request: Request,
    captures: Captures,
) -> Result<Response> {
    let mut in_flight = Some(site.enter()?);
    let Opened { store, tus } = shelf.opened().await?;
    let uri = request.uri().clone();
    let captured = |name: &str| captures.get(uri.path(), name).unwrap_or_default();
    // What comes as slowly as the client likes counts as a stream, and as a request no longer.
    let open = if errand.uploads() { Some(site.open_stream()?) } else { None };
    if open.is_some() {
        in_flight = None;
    }
    let relative = |to: String| match site.is_embedded() {
        true => path::relative(uri.path(), &to),
        false => to,
    };
    let place = |id: &str| relative(format!("/stream/tus/{id}"));
    let response = match errand {
        Errand::Upload => {
            let name = captured(FILE);
            let to = relative(format!("/stream/download/{}", encoded(name)));
            let (head, body) = request.into_parts();
            upload(store, name, &head, body, &to).await
        }
        Errand::Download => {
            let (head, _) = request.into_parts();
            download(store, captured(FILE), &head).await
        }
        Errand::Delete => {
            let conditions = Conditions::of(request.headers());
            store.delete(captured(FILE), &conditions).await?;
            Ok(reply::empty(StatusCode::NO_CONTENT))
        }
        Errand::Metadata => json(StatusCode::OK, &store.metadata(captured(FILE)).await?),
        Errand::List => {
            let Wanted { after, limit } =
                serde_urlencoded::from_str(uri.query().unwrap_or_default()).map_err(|error| {
                    let text = format!("a list takes `after` and `limit`: {error}");
                    Error::bad_request(text)
                })?;
            json(StatusCode::OK, &store.list(after.as_deref(), limit.unwrap_or(PAGE)).await?)
        }
        Errand::Tus => tus::answer(tus, request, None, place).await,
        Errand::TusUpload => tus::answer(tus, request, Some(captured(ID)), place).await,
    };
    drop((open, in_flight));
    let response = response?;
    if !response.body().is_stream() {
        return Ok(response);
    }
    let open = site.open_stream()?;
    Ok(response.map(|body| body.holding(open)))
}

async fn upload(
    store: &DirectoryStore,
    name: &str,
    head: &Parts,
    body: Body,
    place: &str,
) -> Result<Response> {
    let headers = &head.headers;
    // What is stored would be another content to whoever downloads it (RFC 9110, sections 8.4 and 14.5).
    let is_encoded = |coding: &HeaderValue| !coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().any(is_encoded) {
        return Err(Error::unsupported_media_type(
            "a file is stored as it is, without an encoding",
        ));
    }
    if headers.contains_key(CONTENT_RANGE) {
        let text = "a file is uploaded as a whole; for parts there is tus, at /stream/tus";
        return Err(Error::bad_request(text));
    }
    let announced = http_body::Body::size_hint(&body).exact();
    let mut save = Save::new().conditions(Conditions::of(headers));
    if let Some(size) = announced.or(approximate_size(headers)?) {
        save = save.announced(size);
    }
    if let Some(digest) = Digest::sent(headers)? {
        save = save.digest(digest);
    }
    if let Some(media_type) = media_type(headers)? {
        save = save.media_type(media_type);
    }
    let saved = store.save(name, body, save).await?;
    let status = if saved.replaced { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = json(status, &saved.metadata)?;
    let headers = response.headers_mut();
    headers.insert(ETAG, written(&saved.metadata.etag())?);
    headers.insert(REPR_DIGEST, written(&saved.metadata.digest.to_header())?);
    headers.insert(LOCATION, written(place)?);
    Ok(response)
}

/// What the client says of its file. `curl` says of everything that it is a form, unless it is told
/// otherwise, and nobody uploads one here.
fn media_type(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(said) = headers.get(CONTENT_TYPE) else { return Ok(None) };
    let said = said.to_str().map_err(|error| {
        Error::bad_request("the media type of the file is not readable").with_source(error)
    })?;
    Ok(Some(said).filter(|said| !said.is_empty() && *said != "application/x-www-form-urlencoded"))
}

async fn download(store: &DirectoryStore, name: &str, head: &Parts) -> Result<Response> {
    let stored = store.get(name).await?;
    let (file, metadata) = (stored.file, stored.metadata);
    let said = metadata.media_type.as_deref().and_then(|said| HeaderValue::from_str(said).ok());
    let media_type = said.unwrap_or_else(|| media::of_path(Path::new(name)));
    let state = State { length: metadata.size, modified: Some(metadata.modified) };
    let mut representation = Representation::new(Source::File(file, state), media_type);
    representation.tag = EntityTag::new(&metadata.etag());
    representation.modified = Some(metadata.modified);
    // What a stranger has stored is never shown as a page of this site.
    let attachment = disposition::named("attachment", name);
    representation.headers.insert(CONTENT_DISPOSITION, attachment);
    representation.headers.insert(REPR_DIGEST, written(&metadata.digest.to_header())?);
    let asked = Asked { method: &head.method, headers: &head.headers, now: SystemTime::now() };
    serve::finish(serve::decide(representation, ReplyHead::default(), &asked)?).await
}

/// What part of the list is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    after: Option<String>,
    limit: Option<usize>,
}

fn json(status: StatusCode, value: &impl Serialize) -> Result<Response> {
    Ok(reply::json(status, serde_json::to_vec(value)?))
}

/// A name as a segment of a path (RFC 3986, section 3.3).
fn encoded(name: &str) -> percent_encoding::PercentEncode<'_> {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SEGMENT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(name, SEGMENT)
}

fn written(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|error| Error::internal("a header cannot be written").with_source(error))
}
