//! What can be wrong with the settings, and what is only worth a line.

use thiserror::Error;

use super::address::Address;
use super::layer::{Source, quoted};

/// One thing that keeps the service from starting. All of them are listed at once; the exit status is 2.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{at}: {problem}")]
pub(crate) struct Finding {
    /// Where the mistake stands.
    pub(crate) at: Source,
    /// What it is.
    pub(crate) problem: Problem,
}

/// What can be wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Problem {
    /// No setting has this name.
    #[error("unknown key {}; {}", quoted(.key), hint(.near.as_deref(), .known))]
    UnknownKey {
        /// The name as written.
        key: String,
        /// The setting that was probably meant.
        near: Option<String>,
        /// All names, with commas.
        known: String,
    },
    /// A value of a wrong type or out of its range.
    #[error("{} cannot be {given}; allowed is {allowed}", quoted(.key))]
    Impossible {
        /// The setting.
        key: String,
        /// The value as written; of a secret only what is wrong with it.
        given: String,
        /// What is allowed instead.
        allowed: String,
    },
    /// A file that is no TOML.
    #[error("broken toml: {cause}")]
    Syntax {
        /// The parser's complaint, without the text of the line.
        cause: String,
    },
    /// A file that cannot be read.
    #[error("`{path}` cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// The complaint of the system.
        cause: String,
    },
    /// Two variables for one setting.
    #[error("`{other}` is set as well; allowed is one of the two")]
    Both {
        /// The other variable.
        other: &'static str,
    },
    /// Two keys of one name.
    #[error("a second key is named `{name}`; allowed is one key for each name")]
    TwoKeys {
        /// The name of both.
        name: String,
    },
    /// A setting that does nothing without another one.
    #[error("`{key}` needs {what}")]
    Alone {
        /// The setting.
        key: &'static str,
        /// The other one, and why.
        what: &'static str,
    },
    /// Two settings that exclude each other.
    #[error("`{key}` cannot stand beside `{other}` ({at}); keep one of them")]
    Beside {
        /// The setting.
        key: &'static str,
        /// The other one.
        other: &'static str,
        /// Where that was set.
        at: Source,
    },
    /// One setting that is written twice in one source, under two names.
    #[error("`{key}` and `{other}` are the same setting; keep one of them")]
    TwoNames {
        /// The name of the one.
        key: String,
        /// And of the other.
        other: String,
    },
    /// A key on the command line.
    #[error(
        "no flag takes a key, for every process could read it; set `MANAGER_API_KEY` or `MANAGER_API_KEY_FILE`"
    )]
    SecretFlag,
}

/// One thing that is worth a line in the log and lets the service start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Warning {
    /// A variable that looks like a setting and is none.
    #[error("{} is no setting and is ignored{}", quoted(.name), question(.near.as_deref()))]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The one that was probably meant.
        near: Option<String>,
    },
    /// A file with keys that everybody on this machine may read.
    #[error(
        "`{path}` holds keys and everybody on this machine may read it; take that right away (`chmod o-r`), or write digests (`sha256:..`)"
    )]
    ReadableByAll {
        /// The file.
        path: String,
    },
    /// A certificate that is about to expire, or the like.
    #[error("{0}")]
    #[allow(dead_code, reason = "TLS is a feature")]
    Certificate(String),
    /// No key is set.
    #[error("no api key is set, so the service is open: {}; set `MANAGER_API_KEY`{}", reach(.bind), way_out(.bind))]
    Open {
        /// Where it listens.
        bind: Address,
    },
}

impl Finding {
    pub(super) fn new(at: Source, problem: Problem) -> Self {
        Self { at, problem }
    }

    pub(super) fn impossible(
        at: Source,
        key: impl Into<String>,
        given: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        let (key, given, allowed) = (key.into(), given.into(), allowed.into());
        Self::new(at, Problem::Impossible { key, given, allowed })
    }
}

/// The candidate that was probably meant. Case and dashes are forgiven, and beyond them one mistake in three
/// characters.
pub(crate) fn near(given: &str, candidates: &[&str]) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let given = plain(given);
    let distances = candidates.iter().map(|name| (distance(&given, &plain(name)), name));
    let (mistakes, name) = distances.min_by_key(|(mistakes, _)| *mistakes)?;
    // The common prefix of the variables says nothing about what was meant.
    let length = given.trim_start_matches("manager_").chars().count();
    (mistakes <= (length / 3).max(1)).then(|| (*name).to_owned())
}

/// Insertions, deletions, replacements and swaps of neighbours between two texts.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

fn hint(near: Option<&str>, known: &str) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("allowed are {known}"),
    }
}

fn question(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn reach(bind: &Address) -> String {
    if bind.is_loopback() {
        "every program on this machine can call it".into()
    } else {
        format!("everyone who reaches `{bind}`, a public address, can call it")
    }
}

fn way_out(bind: &Address) -> &'static str {
    if bind.is_loopback() { "" } else { " or bind to 127.0.0.1" }
}
