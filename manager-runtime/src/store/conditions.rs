//! What a client makes a change depend on.

use std::time::SystemTime;

use http::header::{IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use crate::error::{Error, Result};
use crate::representation::tags;

/// What a file has to be for a change of it to be made (RFC 9110, section 13.1): checked before anything is
/// read of an upload, and again at the moment in which it would be put in place.
///
/// ```
/// use bytes::Bytes;
/// use manager_runtime::store::{Conditions, DirectoryStore, Save};
/// use manager_runtime::{Body, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> manager_runtime::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let store = DirectoryStore::open(folder.path().join("files")).await?;
/// let only_new = || Save::new().conditions(Conditions::new().if_none_match("*"));
/// store.save("once.txt", Body::from("first"), only_new()).await?;
/// let error = store.save("once.txt", Body::from("second"), only_new()).await.unwrap_err();
/// assert_eq!(error.kind(), Kind::PreconditionFailed);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
    unmodified_since: Option<SystemTime>,
}

impl Conditions {
    /// No condition.
    ///
    /// ```
    /// use manager_runtime::store::Conditions;
    /// assert_eq!(Conditions::new(), Conditions::default());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The file has to be there with one of these entity tags, a list as in the header, or with any: `*`.
    ///
    /// ```
    /// use manager_runtime::store::Conditions;
    /// let conditions = Conditions::new().if_match("\"4d5e\", \"6f70\"");
    /// ```
    #[must_use]
    pub fn if_match(mut self, tags: &str) -> Self {
        self.if_match.get_or_insert_default().read(tags);
        self
    }

    /// The file must not be there with one of these entity tags, or not at all: `*`.
    ///
    /// ```
    /// use manager_runtime::store::Conditions;
    /// let only_new = Conditions::new().if_none_match("*");
    /// ```
    #[must_use]
    pub fn if_none_match(mut self, tags: &str) -> Self {
        self.if_none_match.get_or_insert_default().read(tags);
        self
    }

    /// The file must not have been changed after this time, in whole seconds. It counts only where there
    /// is no [`if_match`](Self::if_match).
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use manager_runtime::store::Conditions;
    /// let conditions = Conditions::new().if_unmodified_since(SystemTime::now());
    /// ```
    #[must_use]
    pub fn if_unmodified_since(mut self, time: SystemTime) -> Self {
        self.unmodified_since = Some(time);
        self
    }

    /// Those of a request: `If-Match`, `If-None-Match`, `If-Unmodified-Since`. A list that cannot be read names
    /// no tag; a date that cannot be read is no condition (section 13.1.4).
    ///
    /// ```
    /// use manager_runtime::store::Conditions;
    /// use manager_runtime::{HeaderMap, HeaderValue};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("if-none-match", HeaderValue::from_static("*"));
    /// assert_eq!(Conditions::of(&headers), Conditions::new().if_none_match("*"));
    /// ```
    pub fn of(headers: &HeaderMap) -> Self {
        let tags = |name: HeaderName| {
            let mut read = Tags::default();
            let lines = headers.get_all(&name);
            lines.iter().filter_map(|line| line.to_str().ok()).for_each(|line| read.read(line));
            headers.contains_key(name).then_some(read)
        };
        let mut dates = headers.get_all(IF_UNMODIFIED_SINCE).iter();
        let date = match (dates.next(), dates.next()) {
            (Some(date), None) => date.to_str().ok(),
            _ => None,
        };
        Conditions {
            if_match: tags(IF_MATCH),
            if_none_match: tags(IF_NONE_MATCH),
            unmodified_since: date.and_then(|date| httpdate::parse_http_date(date).ok()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Holds what is there against it, in the order of section 13.2.2.
    ///
    /// # Errors
    ///
    /// `PreconditionFailed`, which says why.
    pub(super) fn check(&self, current: Option<&Metadata>) -> Result<()> {
        let Conditions { if_match, if_none_match, unmodified_since } = self;
        let tag = current.map(Metadata::etag);
        match (if_match, unmodified_since, current) {
            (Some(_), _, None) => {
                return failed("there is no file of this name, and the request is for one");
            }
            (Some(tags), _, Some(_)) if !tags.name(tag.as_deref(), strongly) => {
                return failed("the file is another one than the request is for");
            }
            (None, Some(since), Some(file)) if file.modified_second() > *since => {
                return failed("the file was changed after the time that the request names");
            }
            _ => {}
        }
        match if_none_match {
            Some(tags) if tags.name(tag.as_deref(), weakly) => failed(
                "there is a file of this name, and the request is for when there is none such",
            ),
            _ => Ok(()),
        }
    }
}

fn failed(text: &'static str) -> Result<()> {
    Err(Error::precondition_failed(text))
}

/// Entity tags, as they are written; or any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tags {
    any: bool,
    list: Vec<String>,
}

impl Tags {
    /// Adds a list. There may be commas in a tag, so it is read from quote to quote.
    fn read(&mut self, line: &str) {
        if line.trim() == "*" {
            self.any = true;
            return;
        }
        self.list.extend(tags(line).map(str::to_owned));
    }

    /// Whether one of them is that of the file, if there is one.
    fn name(&self, tag: Option<&str>, same: fn(&str, &str) -> bool) -> bool {
        tag.is_some_and(|own| self.any || self.list.iter().any(|given| same(given, own)))
    }
}

/// Section 8.8.3.2. Our own tag is never weak.
fn strongly(given: &str, own: &str) -> bool {
    given == own
}

fn weakly(given: &str, own: &str) -> bool {
    given.strip_prefix("W/").unwrap_or(given) == own
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::store::Digest;

    #[test]
    fn conditions_on_what_is_there_and_what_is_not() {
        let file = Metadata {
            name: "a".into(),
            size: 3,
            digest: Digest::of(b"abc"),
            media_type: None,
            modified: UNIX_EPOCH + Duration::from_millis(784_111_777_900),
        };
        let tag = file.etag();
        let check = |name: &'static str, value: &str, there: bool, missing: bool| {
            let mut headers = HeaderMap::new();
            for line in value.split('\n') {
                headers.append(name, line.parse().unwrap());
            }
            let conditions = Conditions::of(&headers);
            assert_eq!(conditions.check(Some(&file)).is_ok(), there, "{name}: {value}");
            assert_eq!(conditions.check(None).is_ok(), missing, "{name}: {value}, without a file");
        };
        check("if-match", &tag, true, false);
        check("if-match", &format!("\"a,b\", {tag}"), true, false);
        check("if-match", &format!("\"other\"\n{tag}"), true, false);
        check("if-match", "*", true, false);
        check("if-match", "\"other\"", false, false);
        check("if-match", &format!("W/{tag}"), false, false);
        check("if-match", tag.trim_matches('"'), false, false);
        check("if-match", "", false, false);
        check("if-none-match", "*", false, true);
        check("if-none-match", &tag, false, true);
        check("if-none-match", &format!("W/{tag}"), false, true);
        check("if-none-match", "\"other\"", true, true);
        check("if-none-match", "", true, true);
        check("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT", true, true);
        check("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT", false, true);
        check("if-unmodified-since", "yesterday", true, true);
        let both = Conditions::new().if_match(&tag).if_unmodified_since(UNIX_EPOCH);
        assert!(both.check(Some(&file)).is_ok(), "the tag is more exact than the date");
    }
}
