//! The protocol of resumable uploads, tus 1.0 (<https://tus.io/protocols/resumable-upload>): its core, and the
//! extensions for creation (with and without a first part), termination, checksums and expiration.
//!
//! | request | answer |
//! |---|---|
//! | `OPTIONS` | 204 with what is offered |
//! | `POST` where uploads begin | 201 with `Location` |
//! | `HEAD` of an upload | 200 with `Upload-Offset` |
//! | `PATCH` of an upload | 204 with the new `Upload-Offset` |
//! | `DELETE` of an upload | 204 |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body::Body as _;

use crate::body::Body;
use crate::error::{Error, Result};
use crate::head::{Request, Response};
use crate::http::reply::{self, Style};
use crate::http::status;
use crate::store::tus::{Creation, Fault, Part, Progress, Tus};
use crate::store::{Checksum, Conditions, Digest};

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,termination,checksum,expiration");
const OFFSET_STREAM: &[u8] = b"application/offset+octet-stream";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
const UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Answers a request to where uploads begin, or to the upload with the number `id`. `place` makes the path
/// of an upload out of its number.
///
/// # Errors
///
/// Those of the store, and `BadRequest`, `PreconditionFailed`, `UnsupportedMediaType`, `MethodNotAllowed` for
/// what is not the protocol. Every answer says the version, an error too.
pub(super) async fn answer(
    tus: &Tus,
    request: Request,
    id: Option<&str>,
    place: impl FnOnce(&str) -> String,
) -> Result<Response> {
    let (head, body) = request.into_parts();
    let mut response = match serve(tus, &head, body, id, place).await {
        Ok(response) => response,
        Err(Fault::Other(error)) => return Err(error.with_header(TUS_RESUMABLE, VERSION)),
        Err(Fault::Locked) => {
            let text = "another request is writing to the upload";
            refusal(&head, status::LOCKED, "locked", text)
        }
        Err(Fault::WrongChecksum) => {
            let text = "what came does not have the checksum that was sent with it";
            refusal(&head, status::checksum_mismatch(), "checksum mismatch", text)
        }
    };
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    Ok(response)
}

async fn serve(
    tus: &Tus,
    head: &Parts,
    body: Body,
    id: Option<&str>,
    place: impl FnOnce(&str) -> String,
) -> Result<Response, Fault> {
    let method = method(head);
    if method == Method::OPTIONS {
        return Ok(offers(tus));
    }
    check_version(&head.headers)?;
    match (method.as_str(), id) {
        ("POST", None) => create(tus, &head.headers, body, place).await,
        ("HEAD", Some(id)) => {
            let progress = tus.offset(id).await?;
            let mut response = reply::empty(StatusCode::OK);
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(UPLOAD_LENGTH, progress.length.into());
            if let Some(metadata) = &progress.metadata {
                headers.insert(UPLOAD_METADATA, written(metadata)?);
            }
            tell(&progress, headers)?;
            Ok(response)
        }
        ("PATCH", Some(id)) => {
            let offset = number(&head.headers, UPLOAD_OFFSET)?;
            if !is_part(&head.headers) {
                let text = "a part of an upload is application/offset+octet-stream";
                return Err(Error::unsupported_media_type(text).into());
            }
            let progress = append(tus, id, offset, &head.headers, body).await?;
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            tell(&progress, response.headers_mut())?;
            Ok(response)
        }
        ("DELETE", Some(id)) => {
            tus.terminate(id).await?;
            Ok(reply::empty(StatusCode::NO_CONTENT))
        }
        (_, id) => {
            let allow = if id.is_some() { "HEAD, PATCH, DELETE, OPTIONS" } else { "POST, OPTIONS" };
            let text = format!("tus has no {method} here; it has {allow}");
            let allow = HeaderValue::from_static(allow);
            Err(Error::method_not_allowed(text).with_header(ALLOW, allow).into())
        }
    }
}

/// What the client means, if its surroundings let it send nothing but `POST`.
fn method(head: &Parts) -> Method {
    let said = head.headers.get(METHOD_OVERRIDE).filter(|_| head.method == Method::POST);
    let said = said.and_then(|said| Method::from_bytes(said.as_bytes()).ok());
    said.unwrap_or_else(|| head.method.clone())
}

fn offers(tus: &Tus) -> Response {
    let mut response = reply::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(TUS_VERSION, VERSION);
    headers.insert(TUS_EXTENSION, EXTENSIONS);
    headers.insert(TUS_MAX_SIZE, tus.max_size().into());
    let algorithms = HeaderValue::from_static(Checksum::ALGORITHMS);
    headers.insert(TUS_CHECKSUM_ALGORITHM, algorithms);
    response
}

fn check_version(headers: &HeaderMap) -> Result<()> {
    if headers.get(TUS_RESUMABLE).is_some_and(|version| version == VERSION) {
        return Ok(());
    }
    let text = "the header `Tus-Resumable` has to be 1.0.0, the version of tus that is spoken here";
    Err(Error::precondition_failed(text).with_header(TUS_VERSION, VERSION))
}

async fn create(
    tus: &Tus,
    headers: &HeaderMap,
    body: Body,
    place: impl FnOnce(&str) -> String,
) -> Result<Response, Fault> {
    for (name, what) in [(UPLOAD_DEFER_LENGTH, "a length that follows"), (UPLOAD_CONCAT, "parts")] {
        if headers.contains_key(name) {
            return Err(Error::bad_request(format!("uploads with {what} are not offered")).into());
        }
    }
    let length = number(headers, UPLOAD_LENGTH)?;
    let metadata = headers.get(UPLOAD_METADATA).map(read_metadata).transpose()?;
    let of = |keys: [&str; 2]| {
        let pairs = || metadata.iter().flat_map(|(_, pairs)| pairs);
        let find = |key: &str| pairs().find(|(own, _)| own == key).map(|(_, value)| value.clone());
        keys.into_iter().find_map(find).filter(|value| !value.is_empty())
    };
    let creation = Creation {
        name: of(["filename", "name"]),
        length,
        media_type: of(["filetype", "type"]),
        metadata: metadata.as_ref().map(|(text, _)| text.clone()),
        digest: Digest::sent(headers)?,
        conditions: Conditions::of(headers),
    };
    let (id, mut progress) = tus.create(creation).await?;
    let has_part = is_part(headers) && !body.is_end_stream();
    if has_part {
        progress = append(tus, &id, 0, headers, body).await?;
    }
    let mut response = reply::empty(StatusCode::CREATED);
    response.headers_mut().insert(LOCATION, written(&place(&id))?);
    tell(&progress, response.headers_mut())?;
    Ok(response)
}

async fn append(
    tus: &Tus,
    id: &str,
    offset: u64,
    headers: &HeaderMap,
    body: Body,
) -> Result<Progress, Fault> {
    let checksum = headers.get(UPLOAD_CHECKSUM).map(read_checksum).transpose()?;
    let part = Part { offset, checksum, announced: body.size_hint().exact() };
    tus.append(id, part, body).await
}

/// Says how far an upload is.
fn tell(progress: &Progress, headers: &mut HeaderMap) -> Result<()> {
    headers.insert(UPLOAD_OFFSET, progress.offset.into());
    if progress.offset < progress.length {
        headers.insert(UPLOAD_EXPIRES, written(&httpdate::fmt_http_date(progress.expires))?);
    }
    Ok(())
}

fn is_part(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    said.trim_ascii().eq_ignore_ascii_case(OFFSET_STREAM)
}

/// The number that stands in a header which has to be there.
fn number(headers: &HeaderMap, name: HeaderName) -> Result<u64> {
    let mut said = headers.get_all(&name).iter();
    let digits = match (said.next(), said.next()) {
        (Some(one), None) => one.to_str().ok().filter(|text| !text.starts_with('+')),
        _ => None,
    };
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
        Error::bad_request(format!("the header `{name}` has to be there once, and be a number"))
    })
}

type Pairs = Vec<(String, String)>;

/// Keys with their values in base64, separated by commas; a value may be missing.
fn read_metadata(value: &HeaderValue) -> Result<(String, Pairs)> {
    let text = value.to_str().unwrap_or_default();
    let mut pairs = Pairs::new();
    for pair in text.split(',') {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let value = STANDARD.decode(value.trim()).ok();
        let value = value.and_then(|value| String::from_utf8(value).ok());
        match value {
            Some(value) if !key.is_empty() && pairs.iter().all(|(other, _)| other != key) => {
                pairs.push((key.to_owned(), value));
            }
            _ => {
                return Err(Error::bad_request(
                    "the header `Upload-Metadata` has the form `KEY BASE64, KEY BASE64`, with text in \
                     UTF-8 and each key once",
                ));
            }
        }
    }
    Ok((text.to_owned(), pairs))
}

fn read_checksum(value: &HeaderValue) -> Result<Checksum> {
    let text = value.to_str().unwrap_or_default();
    let parts = text
        .split_once(' ')
        .and_then(|(algorithm, sum)| Some((algorithm, STANDARD.decode(sum.trim()).ok()?)));
    let Some((algorithm, sum)) = parts else {
        return Err(Error::bad_request("the header `Upload-Checksum` has the form `sha1 BASE64`"));
    };
    Checksum::new(algorithm, sum).ok_or_else(|| {
        let known = Checksum::ALGORITHMS;
        Error::bad_request(format!("checksums are of one of these algorithms: {known}"))
    })
}

fn refusal(head: &Parts, status: StatusCode, title: &str, text: &str) -> Response {
    let style = Style::Problem.for_client(reply::accepted(&head.headers).as_ref());
    reply::refusal(status, title, text, style)
}

fn written(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|error| Error::internal("a header cannot be written").with_source(error))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sha1::{Digest as _, Sha1};
    use tempfile::TempDir;

    use super::*;
    use crate::error::Kind;
    use crate::store::{DirectoryStore, Options, Save};

    struct Server {
        folder: TempDir,
        store: DirectoryStore,
        tus: Tus,
    }

    impl Server {
        async fn start() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let options = Options::new().file_limit(1000);
            let store = DirectoryStore::open_with(folder.path(), options).await.unwrap();
            let tus = Tus::open(&store, Duration::from_secs(60)).await.unwrap();
            Server { folder, store, tus }
        }

        /// Sends lines of a head, and a body.
        async fn ask(&self, head: &str, body: impl Into<Body>) -> Result<Response> {
            let mut lines = head.lines();
            let (method, id) = lines.next().unwrap().split_once(' ').unwrap();
            let mut request = Request::new(body.into());
            *request.method_mut() = method.parse().unwrap();
            for line in lines {
                let (name, value) = line.split_once(": ").unwrap();
                let name: HeaderName = name.to_lowercase().parse().unwrap();
                request.headers_mut().append(name, value.parse().unwrap());
            }
            if !head.contains("Tus-Resumable") {
                request.headers_mut().insert(TUS_RESUMABLE, VERSION);
            }
            let id = Some(id).filter(|id| !id.is_empty());
            let response = answer(&self.tus, request, id, |id| format!("/stream/tus/{id}")).await?;
            assert_eq!(response.headers()[TUS_RESUMABLE], "1.0.0");
            Ok(response)
        }

        #[track_caller]
        fn refused(outcome: Result<Response>, kind: Kind) -> String {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), kind, "{error:?}");
            assert!(error.headers().is_some_and(|headers| headers[TUS_RESUMABLE] == "1.0.0"));
            error.message().to_owned()
        }

        async fn create(&self, length: usize, metadata: &str) -> String {
            let head = format!("POST \nUpload-Length: {length}\nUpload-Metadata: {metadata}");
            let response = self.ask(&head, "").await.unwrap();
            assert_eq!(response.status(), 201);
            let location = response.headers()[LOCATION].to_str().unwrap();
            location.strip_prefix("/stream/tus/").unwrap().to_owned()
        }

        async fn patch(&self, id: &str, offset: usize, more: &str, body: &str) -> Result<Response> {
            let head = format!(
                "PATCH {id}\nUpload-Offset: {offset}\nContent-Type: application/offset+octet-stream{more}"
            );
            self.ask(&head, body.to_owned()).await
        }

        async fn offset(&self, id: &str) -> String {
            let response = self.ask(&format!("HEAD {id}"), "").await.unwrap();
            response.headers()[UPLOAD_OFFSET].to_str().unwrap().to_owned()
        }
    }

    fn pair(key: &str, value: &str) -> String {
        format!("{key} {}", STANDARD.encode(value))
    }

    #[tokio::test]
    async fn an_upload_in_parts_becomes_a_file() {
        let server = Server::start().await;
        let metadata = format!("{},{}", pair("filename", "ä.txt"), pair("filetype", "text/plain"));
        let id = server.create(6, &metadata).await;
        let head = server.ask(&format!("HEAD {id}"), "").await.unwrap();
        assert_eq!(head.status(), 200);
        for (name, value) in [
            ("upload-offset", "0"),
            ("upload-length", "6"),
            ("upload-metadata", &*metadata),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(head.headers()[name], value);
        }
        assert!(head.headers().contains_key(UPLOAD_EXPIRES));
        let response = server.patch(&id, 0, "", "abc").await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[UPLOAD_OFFSET]),
            (204, &3.into())
        );
        assert!(response.headers().contains_key(UPLOAD_EXPIRES));
        assert!(server.store.get("ä.txt").await.is_err(), "it is not whole");
        let response = server.patch(&id, 3, "", "def").await.unwrap();
        assert_eq!(response.headers()[UPLOAD_OFFSET], "6");
        let metadata = server.store.metadata("ä.txt").await.unwrap();
        assert_eq!(metadata.digest, Digest::of(b"abcdef"));
        assert_eq!(metadata.media_type.as_deref(), Some("text/plain"));
        // Whoever lost the answer learns that it is done.
        assert_eq!(server.offset(&id).await, "6");
        server.patch(&id, 6, "", "").await.unwrap();
        server.ask(&format!("DELETE {id}"), "").await.unwrap();
        Server::refused(server.ask(&format!("HEAD {id}"), "").await, Kind::NotFound);
        assert_eq!((server.store.used(), server.store.metadata("ä.txt").await.is_ok()), (6, true));
    }

    #[tokio::test]
    async fn creation_says_what_is_wrong_with_it() {
        let server = Server::start().await;
        let check = async |lines: &str, kind: Kind| {
            Server::refused(server.ask(&format!("POST \n{lines}"), "").await, kind);
        };
        check("X: y", Kind::BadRequest).await;
        check("Upload-Length: -1", Kind::BadRequest).await;
        check("Upload-Length: +1", Kind::BadRequest).await;
        check("Upload-Length: 1\nUpload-Length: 1", Kind::BadRequest).await;
        check("Upload-Defer-Length: 1", Kind::BadRequest).await;
        check("Upload-Length: 1\nUpload-Concat: partial", Kind::BadRequest).await;
        check("Upload-Length: 1001", Kind::TooLarge).await;
        check("Upload-Length: 1\nTus-Resumable: 0.2.0", Kind::PreconditionFailed).await;
        for metadata in [
            "filename ?".to_owned(),
            "filename /w==".to_owned(),
            " ,".to_owned(),
            format!("{},{}", pair("a", "1"), pair("a", "2")),
            pair("filename", "../secret"),
            pair("filename", ".."),
            pair("filename", "a/b"),
            pair("filetype", "text/\nplain"),
        ] {
            let lines = format!("Upload-Length: 1\nUpload-Metadata: {metadata}");
            check(&lines, Kind::BadRequest).await;
        }
        check("Upload-Length: 1\nRepr-Digest: sha-256=:x:", Kind::BadRequest).await;
        server.store.save("a", Body::from("there"), Save::new()).await.unwrap();
        let there = format!("Upload-Length: 1\nUpload-Metadata: {}", pair("filename", "a"));
        check(&format!("{there}\nIf-None-Match: *"), Kind::PreconditionFailed).await;
        let tus = server.folder.path().join(".manager/tus");
        assert_eq!(std::fs::read_dir(tus).unwrap().count(), 0, "nothing was begun");

        // Without a name it is called by its number; an empty one is there at once.
        let response = server.ask("POST \nUpload-Length: 0", "").await.unwrap();
        let location = response.headers()[LOCATION].to_str().unwrap().to_owned();
        let id = location.rsplit('/').next().unwrap();
        assert_eq!(server.store.metadata(id).await.unwrap().size, 0);
        assert!(!response.headers().contains_key(UPLOAD_EXPIRES));
    }

    #[tokio::test]
    async fn parts_have_to_fit() {
        let server = Server::start().await;
        let id = server.create(6, &pair("filename", "a")).await;
        Server::refused(server.patch(&id, 1, "", "abc").await, Kind::Conflict);
        Server::refused(server.patch(&id, 0, "", "too long").await, Kind::TooLarge);
        let head = format!("PATCH {id}\nContent-Type: application/offset+octet-stream");
        Server::refused(server.ask(&head, "abc").await, Kind::BadRequest);
        let head = format!("PATCH {id}\nUpload-Offset: 0\nContent-Type: text/plain");
        Server::refused(server.ask(&head, "abc").await, Kind::UnsupportedMediaType);
        let head = format!("PATCH {id}\nUpload-Offset: 0");
        Server::refused(server.ask(&head, "abc").await, Kind::UnsupportedMediaType);
        for id in ["0", "..", &"0".repeat(32), &"A".repeat(32)] {
            Server::refused(server.patch(id, 0, "", "abc").await, Kind::NotFound);
            Server::refused(server.ask(&format!("HEAD {id}"), "").await, Kind::NotFound);
            Server::refused(server.ask(&format!("DELETE {id}"), "").await, Kind::NotFound);
        }
        for head in [format!("GET {id}"), format!("POST {id}"), "PATCH ".to_owned()] {
            let text = Server::refused(server.ask(&head, "").await, Kind::MethodNotAllowed);
            assert!(text.contains("it has"), "{text}");
        }
        assert_eq!((server.offset(&id).await.as_str(), server.store.used()), ("0", 0));
        // For those who can only send `POST`.
        let head = format!(
            "POST {id}\nX-HTTP-Method-Override: PATCH\nUpload-Offset: 0\n\
             Content-Type: application/offset+octet-stream"
        );
        assert_eq!(server.ask(&head, "abc").await.unwrap().status(), 204);
        let head = format!("POST {id}\nX-HTTP-Method-Override: DELETE");
        assert_eq!(server.ask(&head, "").await.unwrap().status(), 204);
        Server::refused(server.ask(&format!("HEAD {id}"), "").await, Kind::NotFound);
        assert_eq!(server.store.used(), 0);
    }

    #[tokio::test]
    async fn a_part_with_a_wrong_checksum_is_not_taken() {
        let server = Server::start().await;
        let id = server.create(6, &pair("filename", "a")).await;
        let sha1 = |text: &str| STANDARD.encode(Sha1::digest(text));
        let sha256 = |text: &str| STANDARD.encode(Digest::of(text.as_bytes()).as_bytes());
        let sum = |of: &str| format!("\nUpload-Checksum: sha1 {}", sha1(of));
        assert_eq!(server.patch(&id, 0, &sum("abc"), "abc").await.unwrap().status(), 204);
        let refused = server.patch(&id, 3, &sum("abc"), "abd").await.unwrap();
        assert_eq!(refused.status().as_u16(), 460);
        assert_eq!((server.offset(&id).await.as_str(), server.store.used()), ("3", 3));
        for (checksum, kind) in [
            ("md5 AAAA", Kind::BadRequest),
            ("sha1", Kind::BadRequest),
            ("sha1 ?", Kind::BadRequest),
            ("", Kind::BadRequest),
        ] {
            let line = format!("\nUpload-Checksum: {checksum}");
            Server::refused(server.patch(&id, 3, &line, "def").await, kind);
        }
        let sum = format!("\nUpload-Checksum: sha256 {}", sha256("def"));
        assert_eq!(server.patch(&id, 3, &sum, "def").await.unwrap().status(), 204);
        assert_eq!(server.store.metadata("a").await.unwrap().digest, Digest::of(b"abcdef"));
    }

    #[tokio::test]
    async fn a_first_part_comes_with_the_creation() {
        let server = Server::start().await;
        let head = |more: &str| {
            let name = pair("filename", "a");
            format!(
                "POST \nUpload-Length: 6\nUpload-Metadata: {name}\n\
                 Content-Type: application/offset+octet-stream{more}"
            )
        };
        let response = server.ask(&head(""), "abc").await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[UPLOAD_OFFSET]),
            (201, &3.into())
        );
        let response = server.ask(&head(""), "abcdef").await.unwrap();
        assert_eq!(response.headers()[UPLOAD_OFFSET], "6");
        assert_eq!(server.store.metadata("a").await.unwrap().size, 6);
        // The digest of the whole, if it was sent.
        let digest = format!("\nRepr-Digest: {}", Digest::of(b"other!").to_header());
        Server::refused(server.ask(&head(&digest), "abcxyz").await, Kind::Unprocessable);
        assert_eq!(server.store.metadata("a").await.unwrap().digest, Digest::of(b"abcdef"));
        server.ask(&head(&digest), "other!").await.unwrap();
        assert_eq!(server.store.metadata("a").await.unwrap().digest, Digest::of(b"other!"));
    }

    #[tokio::test]
    async fn what_is_offered_is_said_to_anybody() {
        let server = Server::start().await;
        let response = server.ask("OPTIONS \nTus-Resumable: 7", "").await.unwrap();
        assert_eq!(response.status(), 204);
        for (name, value) in [
            ("tus-version", "1.0.0"),
            ("tus-extension", "creation,creation-with-upload,termination,checksum,expiration"),
            ("tus-max-size", "1000"),
            ("tus-checksum-algorithm", "sha1,sha256"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
    }
}
