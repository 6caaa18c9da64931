//! Files of a directory, served as they are.
//!
//! ```text
//! path -> names -> find (below the root, nothing else) -> serve
//! ```
//!
//! [`name`] makes names out of a path, none of which leads anywhere else; [`find`] opens what they name; how
//! much of it is sent decides [`serve`], as for every download. All that touches the disk runs on threads
//! that may wait.

mod find;
mod name;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, LOCATION, VARY};
use http::request::Parts;
use http::{HeaderValue, StatusCode, Uri};

use self::find::{Found, Opened};
use crate::config::StaticFolder;
use crate::error::{Error, Result};
use crate::head::{Request, Response};
use crate::http::ready::encoding::Codings;
use crate::http::reply;
use crate::http::serve::{self, Asked};
use crate::http::ways::files_pattern;
use crate::message::ReplyHead;
use crate::representation::{Representation, Source};

/// A directory that is served.
#[derive(Debug)]
pub(crate) struct Folder {
    prefix: Arc<str>,
    pattern: &'static str,
    /// How many segments of a path come before the names.
    depth: usize,
    /// As the system calls it: a link that it was reached by is followed once, at the start.
    root: PathBuf,
    is_public: bool,
}

impl Folder {
    /// Looks for the directory.
    ///
    /// # Errors
    ///
    /// A finding: there is none, or it is something else.
    pub(crate) fn open(
        setting: &StaticFolder,
        is_public: bool,
    ) -> std::result::Result<Self, String> {
        let StaticFolder { prefix, directory } = setting;
        let failed = |error: io::Error| {
            format!(
                "the directory `{directory}` that `static_files` has at `{prefix}` cannot be served: {error}"
            )
        };
        let root = std::fs::canonicalize(directory).map_err(failed)?;
        if !root.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Folder {
            prefix: (**prefix).into(),
            pattern: files_pattern(prefix).text,
            depth: prefix.split('/').filter(|segment| !segment.is_empty()).count(),
            root,
            is_public,
        })
    }

    pub(crate) fn prefix(&self) -> &Arc<str> {
        &self.prefix
    }

    /// Of everything in it, for people.
    pub(crate) fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// Whether its files need no key.
    pub(crate) fn is_public(&self) -> bool {
        self.is_public
    }

    /// Answers a `GET` or a `HEAD`, both in the same way: whoever writes the answer leaves out the body.
    pub(crate) async fn answer(&self, request: Request) -> Result<Response> {
        let (head, _) = request.into_parts();
        let nothing = || Error::not_found(format!("nothing is at {}", head.uri.path()));
        let names = name::names(head.uri.path(), self.depth).ok_or_else(nothing)?;
        let root = self.root.clone();
        let work = move || {
            let codings = Codings::of(&head.headers);
            match find::find(&root, &names, codings)? {
                Found::File(file) => answer(file, &head),
                Found::Folder => with_slash(&head.uri),
                Found::Nothing => {
                    Err(Error::not_found(format!("nothing is at {}", head.uri.path())))
                }
            }
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::internal("a file could not be read")),
        }
    }
}

/// Answers a request for this file.
fn answer(opened: Opened, head: &Parts) -> Result<Response> {
    let Opened { file, state, media_type, coding } = opened;
    let mut representation = Representation::new(Source::File(file, state), media_type);
    let mark = coding.map(|coding| format!("-{}", coding.name())).unwrap_or_default();
    representation.tag = state.tag(&mark);
    representation.modified = state.modified;
    // Also where there is nothing beside the file yet.
    representation.headers.insert(VARY, HeaderValue::from(ACCEPT_ENCODING));
    if let Some(coding) = coding {
        representation.headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    let asked = Asked { method: &head.method, headers: &head.headers, now: SystemTime::now() };
    serve::decide(representation, ReplyHead::default(), &asked)?.into_response()
}

/// Where a directory is that was asked for without the slash at its end: its pages name each other from
/// there.
fn with_slash(uri: &Uri) -> Result<Response> {
    let path = uri.path();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = HeaderValue::try_from(format!("{path}/{query}"))
        .map_err(|error| Error::internal("the new place is no header").with_source(error))?;
    let mut response = reply::empty(StatusCode::PERMANENT_REDIRECT);
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}
