//! Uploading in parts that are resumed (tus 1.0), to `/stream/tus` of a service.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, LOCATION};
use http::request::Builder;
use http::{HeaderMap, Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::effort::{persist, watched};
use super::service::{Failure, Service};
use super::source::Source;
use super::terminal;
use crate::body::Body;
use crate::error::{Error, Kind, Result};
use crate::http::status;

const PATH: [&str; 2] = ["stream", "tus"];

/// How much goes in one request. The service writes down how far it is at the end of each, so no more than
/// this is lost when it dies.
const PART: u64 = 16 << 20;

/// How long an answer without content may take.
const ANSWER: Duration = Duration::from_secs(60);

/// What the service says of its own uploads.
#[derive(Debug)]
pub(super) struct Offer {
    max_size: Option<u64>,
}

/// Asks whether uploads can be resumed there.
///
/// # Errors
///
/// Nobody is there, or the key is wrong.
pub(super) async fn offer(service: &Service) -> Result<Option<Offer>> {
    let request = service.request(Method::OPTIONS, &PATH).body(Body::empty())?;
    let answer = service.ask(request, ANSWER).await.map_err(Failure::into_error)?;
    let (code, headers) = (answer.status(), answer.headers());
    let is_closed = matches!(status::kind(code), Kind::Unauthorized | Kind::Forbidden);
    if is_closed || code.is_server_error() {
        return Err(service.refusal(code, answer.body()).into_error());
    }
    let versions = headers.get("tus-version").and_then(|versions| versions.to_str().ok());
    let is_spoken = versions.is_some_and(|all| all.split(',').any(|one| one.trim() == "1.0.0"));
    let offer = Offer { max_size: number(headers, "tus-max-size") };
    Ok(Some(offer).filter(|_| code.is_success() && is_spoken))
}

/// Uploads a file, from where the last attempt stopped.
///
/// # Errors
///
/// What the service says of it, or that it is away for too long.
pub(super) async fn upload(service: &Service, offer: &Offer, source: &Source) -> Result<()> {
    if let Some(most) = offer.max_size.filter(|most| *most < source.size()) {
        return Err(Error::too_large(format!(
            "it has {} bytes, and {service} takes at most {most} (its setting `upload_limit`)",
            source.size()
        )));
    }
    let note = Note::of(service, source);
    let mut id = note.read();
    persist(source.progress(), async || {
        let mut offset = match &id {
            Some(known) => reached(service, known).await?,
            None => None,
        };
        if offset.is_none() {
            let fresh = create(service, source).await?;
            note.write(&fresh);
            id = Some(fresh);
            offset = Some(0);
        }
        let (Some(id), Some(mut offset)) = (&id, offset) else { return Ok(()) };
        source.hash(offset).await?;
        source.progress().keep(offset);
        while offset < source.size() {
            offset = send(service, source, id, offset).await?;
            source.progress().keep(offset);
        }
        Ok(())
    })
    .await
}

/// Forgets how far an upload was.
pub(super) fn forget(service: &Service, source: &Source) {
    let _ = fs::remove_file(Note::of(service, source).path);
}

/// Begins an upload, and gives its number.
async fn create(service: &Service, source: &Source) -> Result<String, Failure> {
    let metadata = format!("filename {}", STANDARD.encode(source.name()));
    let request = tus(service.request(Method::POST, &PATH))
        .header("upload-length", source.size())
        .header("upload-metadata", metadata)
        .body(Body::empty())?;
    let answer = service.ask(request, ANSWER).await?;
    if answer.status() != StatusCode::CREATED {
        return Err(service.refusal(answer.status(), answer.body()));
    }
    // Only its end: where the service is was said by the user, and the key goes nowhere else.
    let place = answer.headers().get(LOCATION).and_then(|place| place.to_str().ok());
    let id = place.and_then(|place| place.trim_end_matches('/').rsplit('/').next());
    match id.filter(|id| is_number(id)) {
        Some(id) => Ok(id.to_owned()),
        None => Err(strange(service, "says nowhere where the upload is")),
    }
}

/// How far an upload is; `None` if there is no such upload, or not of this file.
async fn reached(service: &Service, id: &str) -> Result<Option<u64>, Failure> {
    let request = tus(service.request(Method::HEAD, &[&PATH[..], &[id]].concat()));
    let answer = service.ask(request.body(Body::empty())?, ANSWER).await?;
    let code = answer.status();
    match status::kind(code) {
        Kind::NotFound | Kind::Gone => Ok(None),
        _ if code.is_success() => match number(answer.headers(), "upload-offset") {
            Some(offset) => Ok(Some(offset)),
            None => Err(strange(service, "does not say how far the upload is")),
        },
        _ => Err(service.refusal(code, answer.body())),
    }
}

/// Sends the next part, and gives how far the upload is then.
async fn send(service: &Service, source: &Source, id: &str, offset: u64) -> Result<u64, Failure> {
    let length = (source.size() - offset).min(PART);
    let request = tus(service.request(Method::PATCH, &[&PATH[..], &[id]].concat()))
        .header("upload-offset", offset)
        .header(CONTENT_TYPE, "application/offset+octet-stream")
        .body(source.body(offset, length))?;
    let answer = watched(service, source.progress(), service.send(request)).await;
    // What keeps the file from being read breaks the request off as well, and is the better story.
    if answer.is_err() {
        source.is_same()?;
    }
    let answer = answer?;
    if status::kind(answer.status()) == Kind::Conflict {
        // Somewhere else than we thought: asked again, it says where.
        return Err(Failure::Lost(service.refused(answer).await.into_error()));
    }
    if !answer.status().is_success() {
        return Err(service.refused(answer).await);
    }
    match number(answer.headers(), "upload-offset") {
        Some(reached) if reached > offset && reached <= source.size() => Ok(reached),
        _ => Err(strange(service, "does not say how far the upload is")),
    }
}

fn tus(request: Builder) -> Builder {
    request.header("tus-resumable", "1.0.0")
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn strange(service: &Service, what: &str) -> Failure {
    Error::internal(format!("{service} offers tus 1.0, and {what}")).into()
}

/// What a number of an upload is made of; it becomes part of a path.
fn is_number(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !id.is_empty() && id.len() <= 256 && id.bytes().all(is_plain)
}

/// Where the number of an upload is kept until it is done: in a file beside the one that is uploaded, so that
/// whoever runs the command again, from wherever, finds it.
struct Note {
    path: PathBuf,
    content: Content,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    service: String,
    /// Of the file: another content is another upload.
    size: u64,
    modified: u64,
    id: String,
}

impl Note {
    fn of(service: &Service, source: &Source) -> Self {
        let (size, modified) = (source.size(), source.modified());
        Note {
            path: source.path().with_file_name(format!(".{}.upload", source.name())),
            content: Content { service: service.to_string(), size, modified, id: String::new() },
        }
    }

    /// The number of an upload that is not done; it need not be there any more.
    fn read(&self) -> Option<String> {
        let mut found: Content = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        let id = std::mem::take(&mut found.id);
        (found == self.content && is_number(&id)).then_some(id)
    }

    /// Without it the upload works all the same, and begins anew if it is interrupted.
    fn write(&self, id: &str) {
        let Content { service, size, modified, id: _ } = &self.content;
        let (service, size, modified) = (service.clone(), *size, *modified);
        let content = Content { service, size, modified, id: id.to_owned() };
        let written = serde_json::to_vec(&content).map_err(std::io::Error::from);
        let written = written.and_then(|content| fs::write(&self.path, content));
        match written {
            Err(error) if error.kind() != ErrorKind::NotFound => terminal::warning(&format!(
                "`{}` cannot be written ({error}), so another run of this command would begin anew",
                self.path.display()
            )),
            _ => {}
        }
    }
}
