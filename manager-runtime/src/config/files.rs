//! Which directories are served as they are, and below which paths.

use super::kind::Kind;
use super::layer::{Raw, quoted};

/// A directory and the path below which it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StaticFolder {
    /// `/`, or segments as they stand in a path, decoded: `/assets`.
    pub(crate) prefix: String,
    /// As it was written; one that is relative counts from the current directory.
    pub(crate) directory: String,
}

/// A directory that need not be.
pub(super) struct MaybeDirectory;

impl Kind for MaybeDirectory {
    type Value = Option<String>;

    fn read(&self, raw: &Raw) -> Result<Option<String>, String> {
        match raw {
            Raw::Text(text) | Raw::Quoted(text) if text == "none" => Ok(None),
            Raw::Text(text) | Raw::Quoted(text) if !text.is_empty() && !text.contains('\0') => {
                Ok(Some(text.clone()))
            }
            _ => Err(raw.given()),
        }
    }

    fn allowed(&self) -> String {
        "a directory, such as `uploads`, or `none`".into()
    }

    fn show(&self, value: &Option<String>) -> String {
        value.clone().unwrap_or_else(|| "none".into())
    }
}

/// Pairs of paths and directories.
pub(super) struct Folders;

impl Kind for Folders {
    type Value = Vec<StaticFolder>;
    const LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Vec<StaticFolder>, String> {
        let pair = |text: &str| {
            let (prefix, directory) = text.split_once('=').unwrap_or((text, ""));
            (prefix.trim().to_owned(), directory.trim().to_owned())
        };
        let pairs: Vec<(String, String)> = match raw {
            Raw::Table(table) => table.clone(),
            Raw::List(items) if *items == ["none"] => Vec::new(),
            Raw::List(items) => items.iter().map(|item| pair(item)).collect(),
            Raw::Text(text) if text == "none" => Vec::new(),
            Raw::Text(text) => text.split(',').map(pair).collect(),
            _ => return Err(raw.given()),
        };
        let twice = |at: usize| pairs[..at].iter().any(|(prefix, _)| *prefix == pairs[at].0);
        let wrong: Vec<String> = (pairs.iter().enumerate())
            .filter(|(at, (prefix, directory))| {
                !is_prefix(prefix) || directory.is_empty() || directory.contains('\0') || twice(*at)
            })
            .map(|(_, (prefix, directory))| quoted(&format!("{prefix}={directory}")))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong.join(", "));
        }
        let folder = |(prefix, directory)| StaticFolder { prefix, directory };
        Ok(pairs.into_iter().map(folder).collect())
    }

    fn allowed(&self) -> String {
        "a list of paths with their directories, such as `/assets=public`, each path once".into()
    }

    fn show(&self, value: &Vec<StaticFolder>) -> String {
        let pairs = value.iter().map(|it| format!("{}={}", it.prefix, it.directory));
        some(pairs.collect())
    }
}

/// A list of paths.
pub(super) struct Prefixes;

impl Kind for Prefixes {
    type Value = Vec<String>;
    const LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Vec<String>, String> {
        let prefixes: Vec<String> = match raw {
            Raw::List(prefixes) => prefixes.clone(),
            Raw::Text(text) => text.split(',').map(|prefix| prefix.trim().to_owned()).collect(),
            _ => return Err(raw.given()),
        };
        if prefixes == ["none"] {
            return Ok(Vec::new());
        }
        let wrong: Vec<String> = (prefixes.iter().filter(|prefix| !is_prefix(prefix)))
            .map(|prefix| quoted(prefix))
            .collect();
        if wrong.is_empty() { Ok(prefixes) } else { Err(wrong.join(", ")) }
    }

    fn allowed(&self) -> String {
        "a list of paths that `static_files` serves, such as `/assets`".into()
    }

    fn show(&self, value: &Vec<String>) -> String {
        some(value.clone())
    }
}

fn some(items: Vec<String>) -> String {
    if items.is_empty() { "none".into() } else { items.join(", ") }
}

/// Whether files can be served below it: `/` or whole segments, without a slash at the end. What would have
/// to be encoded in a path is written decoded.
fn is_prefix(text: &str) -> bool {
    let segment = |segment: &str| {
        let odd = |c: char| c.is_control() || matches!(c, '%' | '?' | '#' | '\\');
        !matches!(segment, "" | "." | ".." | "{*path}" | "{file}") && !segment.contains(odd)
    };
    text == "/" || text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment))
}
