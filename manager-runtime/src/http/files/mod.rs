//! Files of a directory, served as they are.
//!
//! ```text
//! path -> names -> find (below the root, nothing else) -> conditions -> range -> answer -> content
//! ```
//!
//! [`name`] makes names out of a path, none of which leads anywhere else; [`find`] opens what they name;
//! [`conditions`] and [`range`] say how much of it the client still needs; [`answer`] writes that down, and
//! [`content`] sends it. All that touches the disk runs on threads that may wait.

mod answer;
mod conditions;
mod content;
mod find;
mod name;
mod range;

use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use self::find::Found;
use crate::config::StaticFolder;
use crate::error::{Error, Result};
use crate::head::{Request, Response};
use crate::http::ready::encoding::Codings;
use crate::http::ways::files_pattern;

/// A directory that is served.
#[derive(Debug)]
pub(crate) struct Folder {
    prefix: String,
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
            prefix: prefix.clone(),
            pattern: files_pattern(prefix).text,
            depth: prefix.split('/').filter(|segment| !segment.is_empty()).count(),
            root,
            is_public,
        })
    }

    pub(crate) fn prefix(&self) -> &str {
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
                Found::File(file) => answer::file(file, &head, SystemTime::now()),
                Found::Folder => answer::with_slash(&head.uri),
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
