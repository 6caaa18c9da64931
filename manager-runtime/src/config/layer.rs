//! The settings as written, in one source.

use std::fmt;
use std::time::Duration;

use super::finding::{Finding, Warning};
use super::program::Door;
use super::secret::WrittenKey;
use super::settings::Each;
use super::value::{show_duration, show_size};

/// What one source says: each setting as it stands there, or nothing.
///
/// Reading never fails: what could not be read waits here as a finding until [`Settings::resolve`] lists it
/// with everything else.
///
/// [`Settings::resolve`]: super::Settings::resolve
#[derive(Debug, Default)]
pub(crate) struct Layer {
    pub(super) values: Each<Option<Written>>,
    /// `PORT`, which is no setting of its own.
    pub(super) port: Option<Written>,
    pub(super) findings: Vec<Finding>,
    pub(super) warnings: Vec<Warning>,
    /// Through which the program writes at the moment.
    pub(super) door: Door,
}

/// A value as written, and where.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) raw: Raw,
    pub(super) source: Source,
}

/// A value as written. Its kind is not known to be right.
#[derive(Debug, Clone)]
pub(super) enum Raw {
    /// Text that may stand for anything: a variable, a flag, an argument of the builder.
    Text(String),
    /// A string where numbers and lists have their own notation: in a file.
    Quoted(String),
    Number(u64),
    Time(Duration),
    Size(u64),
    List(Vec<String>),
    Switch(bool),
    /// Names and texts.
    Table(Vec<(String, String)>),
    Keys(Vec<WrittenKey>),
    /// What no setting can be, as the finding shows it.
    Unfit(String),
}

/// Where a value stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere: it is the default.
    #[default]
    Default,
    /// In the program, as `with_bind` or `manager! { bind }`.
    Program(String),
    /// On a line of a file; 0 is the file as a whole.
    File {
        /// As it was opened.
        path: String,
        /// From 1.
        line: usize,
        /// From 1, in characters; given where the syntax is broken.
        column: Option<usize>,
    },
    /// In a variable of this name.
    Environment(String),
    /// In a flag of this name, its dashes included.
    Flag(String),
    /// There, but the port is that of `PORT`.
    PortReplaced(Box<Source>),
}

impl Source {
    /// The line in a file; 0 where lines mean nothing.
    pub(super) fn line(&self) -> usize {
        match self {
            Self::File { line, .. } => *line,
            _ => 0,
        }
    }

    pub(super) fn with_port(self) -> Self {
        Self::PortReplaced(Box::new(self))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Program(name) | Self::Environment(name) | Self::Flag(name) => f.write_str(name),
            Self::File { path, line: 0, .. } => f.write_str(path),
            Self::File { path, line, column: None } => write!(f, "{path} line {line}"),
            Self::File { path, line, column: Some(column) } => {
                write!(f, "{path} line {line}, column {column}")
            }
            Self::PortReplaced(source) => write!(f, "{source}, port of PORT"),
        }
    }
}

impl Raw {
    /// The value as a finding shows it. Keys are described, never shown.
    pub(super) fn given(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Quoted(text) => quoted(&format!("\"{text}\"")),
            Self::Number(number) => format!("`{number}`"),
            Self::Time(time) => format!("`{}`", show_duration(*time)),
            Self::Size(bytes) => format!("`{}`", show_size(*bytes)),
            Self::List(items) if items.is_empty() => "an empty list".into(),
            Self::List(items) => {
                items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ")
            }
            Self::Switch(on) => format!("`{on}`"),
            Self::Table(_) => "a table".into(),
            Self::Keys(_) => "keys".into(),
            Self::Unfit(given) => given.clone(),
        }
    }
}

/// Text for a line of a listing: what could break the line is escaped, what is too long is cut.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).flat_map(escaped).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("..");
    }
    format!("`{shown}`")
}

fn escaped(c: char) -> impl Iterator<Item = char> {
    let plain = matches!(c, '"' | '\'' | '\\').then_some(c);
    plain.into_iter().chain(plain.is_none().then(|| c.escape_debug()).into_iter().flatten())
}
