//! Patterns of paths and hosts, as the macros have checked them: plain data that the router is built
//! from. No text is parsed here; a pattern that cannot be is a compile error.

use std::fmt;

use crate::rate::Rate;

/// One way over HTTP to a handler: a method and the pattern of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub(crate) method: &'static str,
    pub(crate) pattern: Pattern,
}

impl Route {
    /// A route; an empty method stands for every method.
    pub const fn new(method: &'static str, pattern: Pattern) -> Self {
        Route { method, pattern }
    }
}

/// An entrance for files: a path of its own below the name of a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// `POST /{handler}/upload/{file}`: what the client sends is the file.
    Upload,
    /// `GET /{handler}/download/{file}`: the reply is the file.
    Download,
    /// `GET /{handler}/metadata/{file}`: the reply is what is known of the file.
    Metadata,
}

impl Port {
    pub(crate) const ALL: [Port; 3] = [Port::Upload, Port::Download, Port::Metadata];

    /// Its segment of the path, and the name of the handler that is reached at `/stream` as well.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Port::Upload => "upload",
            Port::Download => "download",
            Port::Metadata => "metadata",
        }
    }

    pub(crate) fn method(self) -> &'static str {
        match self {
            Port::Upload => "POST",
            Port::Download | Port::Metadata => "GET",
        }
    }
}

/// Which entrances a handler has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) upload: bool,
    pub(crate) download: bool,
    pub(crate) metadata: bool,
}

impl Ports {
    pub(crate) const NONE: Self = Ports { upload: false, download: false, metadata: false };

    pub(crate) const fn with(mut self, port: Port) -> Self {
        match port {
            Port::Upload => self.upload = true,
            Port::Download => self.download = true,
            Port::Metadata => self.metadata = true,
        }
        self
    }

    pub(crate) fn has(self, port: Port) -> bool {
        match port {
            Port::Upload => self.upload,
            Port::Download => self.download,
            Port::Metadata => self.metadata,
        }
    }
}

/// The pattern of a path: what lies between the slashes, and what becomes of the slash at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written, for people.
    pub(crate) text: &'static str,
    pub(crate) segments: &'static [Segment],
    /// Whether it was written with a slash at the end. `/` alone has no segment and no such slash.
    pub(crate) ends_with_slash: bool,
    pub(crate) slash: Slash,
    /// Whether it answers everything below it as well, where nothing else does.
    pub(crate) subtree: bool,
}

impl Pattern {
    /// A pattern of these segments, without a slash at its end.
    pub const fn new(text: &'static str, segments: &'static [Segment]) -> Self {
        Pattern { text, segments, ends_with_slash: false, slash: Slash::Redirect, subtree: false }
    }

    /// It ends with a slash.
    #[must_use]
    pub const fn ends_with_slash(mut self) -> Self {
        self.ends_with_slash = true;
        self
    }

    /// What becomes of a path that differs by the slash at its end.
    #[must_use]
    pub const fn slash(mut self, slash: Slash) -> Self {
        self.slash = slash;
        self
    }

    /// It answers everything below it as well.
    #[must_use]
    pub const fn subtree(mut self) -> Self {
        self.subtree = true;
        self
    }

    /// The names of what it captures, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.segments.iter().flat_map(Segment::names)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// What becomes of a path that differs from a pattern by the slash at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slash {
    /// It is redirected to the form of the pattern.
    #[default]
    Redirect,
    /// It does not match.
    Strict,
    /// It matches as well.
    Lenient,
}

/// What lies between two slashes of a path, or two dots of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// This text, decoded.
    Static(&'static str),
    /// Anything that is not empty.
    Param(&'static str),
    /// Several pieces, at least one of which captures something.
    Mixed(&'static [Piece]),
    /// The rest of the path, the slashes in it included. Only at the end of a pattern.
    Rest {
        /// What it is called.
        name: &'static str,
        /// Whether there has to be at least one segment.
        at_least_one: bool,
    },
}

impl Segment {
    /// The names of what it captures, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let (one, pieces): (_, &'static [Piece]) = match *self {
            Segment::Static(_) => (None, &[]),
            Segment::Param(name) | Segment::Rest { name, .. } => (Some(name), &[]),
            Segment::Mixed(pieces) => (None, pieces),
        };
        one.into_iter().chain(pieces.iter().filter_map(|piece| match *piece {
            Piece::Text(_) => None,
            Piece::Param(name) | Piece::Regex(name, _) => Some(name),
        }))
    }
}

/// A piece of a segment. Two that capture without an expression never stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This text, decoded.
    Text(&'static str),
    /// Anything that is not empty, as long as it can be.
    Param(&'static str),
    /// A name, and a regular expression that the whole of it matches.
    Regex(&'static str, &'static str),
}

/// The pattern of a host: what lies between the dots, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// As it was written, for people.
    pub(crate) text: &'static str,
    /// [`Segment::Rest`] never stands here.
    pub(crate) labels: &'static [Segment],
}

impl Host {
    /// A host of these labels.
    pub const fn new(text: &'static str, labels: &'static [Segment]) -> Self {
        Host { text, labels }
    }

    /// The names of what it captures, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.labels.iter().flat_map(Segment::names)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// What the options of a handler say of HTTP.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HttpOptions {
    /// Without any, the handler has its envelope endpoint.
    pub(crate) routes: &'static [Route],
    /// The hosts that the routes belong to; without any, they belong to all.
    pub(crate) hosts: &'static [Host],
    /// Only on the second address.
    pub(crate) private: bool,
    pub(crate) deprecated: Option<Deprecation>,
    pub(crate) moved: Option<Moved>,
    pub(crate) gone: bool,
    /// The names of the keys that it takes; without any, it takes all.
    pub(crate) keys: &'static [&'static str],
    /// The names in certificates of clients that it answers to; without any, it answers to all.
    pub(crate) peers: &'static [&'static str],
    /// How often each client may ask.
    pub(crate) rate: Option<Rate>,
}

/// What is said of a handler that is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// What to use instead, for people.
    pub(crate) text: &'static str,
    /// Since when, in seconds of Unix time; so is the next.
    pub(crate) since: Option<u64>,
    /// When it ends.
    pub(crate) sunset: Option<u64>,
}

impl Deprecation {
    /// A handler that is to go, nobody says when.
    pub const fn new(text: &'static str) -> Self {
        Deprecation { text, since: None, sunset: None }
    }

    /// Since when it is, in seconds of Unix time.
    #[must_use]
    pub const fn since(self, seconds: u64) -> Self {
        Deprecation { since: Some(seconds), ..self }
    }

    /// Until when it answers.
    #[must_use]
    pub const fn until(self, seconds: u64) -> Self {
        Deprecation { sunset: Some(seconds), ..self }
    }
}

/// Where a handler has moved to. Its pieces are text and what the pattern captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// As it was written, for people.
    pub(crate) text: &'static str,
    pub(crate) pieces: &'static [Piece],
}

impl Moved {
    /// A handler that has moved.
    pub const fn new(text: &'static str, pieces: &'static [Piece]) -> Self {
        Moved { text, pieces }
    }
}
