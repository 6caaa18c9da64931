//! What a client makes its request depend on (RFC 9110, section 13).

use std::time::{Duration, SystemTime};

use http::header::{
    ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::representation::{EntityTag, tags};

/// What says which state of a thing an answer has.
#[derive(Debug)]
pub(super) struct Validators {
    tag: Option<EntityTag>,
    /// In whole seconds.
    modified: Option<SystemTime>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Send,
    /// The client has it already.
    NotModified,
    /// It is not what the client believes it to be.
    Failed,
}

impl Validators {
    /// Those that the answer says.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Validators {
            tag: headers.get(ETAG).and_then(EntityTag::of),
            modified: headers.get(LAST_MODIFIED).and_then(read),
        }
    }

    /// Evaluates the conditions of a `GET` or `HEAD`, in the order of section 13.2.2.
    pub(super) fn judge(&self, headers: &HeaderMap) -> Verdict {
        if headers.contains_key(IF_MATCH) {
            if !self.is_among(headers, IF_MATCH, strongly) {
                return Verdict::Failed;
            }
        } else if let Some(since) = date(headers, IF_UNMODIFIED_SINCE)
            && self.modified.is_some_and(|modified| modified > since)
        {
            return Verdict::Failed;
        }
        if headers.contains_key(IF_NONE_MATCH) {
            if self.is_among(headers, IF_NONE_MATCH, weakly) {
                return Verdict::NotModified;
            }
        } else if let Some(since) = date(headers, IF_MODIFIED_SINCE)
            && self.modified.is_some_and(|modified| modified <= since)
        {
            return Verdict::NotModified;
        }
        Verdict::Send
    }

    /// Whether a part may be sent to whoever has another part of this state (section 13.1.5). `sent` is the
    /// date of the answer.
    pub(super) fn allow_range(&self, headers: &HeaderMap, sent: SystemTime) -> bool {
        let mut given = headers.get_all(IF_RANGE).iter();
        match (given.next(), given.next()) {
            (None, _) => true,
            (Some(_), Some(_)) => false,
            (Some(given), None) if given.as_bytes().ends_with(b"\"") => {
                let given = given.to_str().ok();
                given.zip(self.tag.as_ref()).is_some_and(|(given, own)| strongly(given, own))
            }
            // A date says the same of everything that happened in its second (section 8.8.2.2), so it has
            // to be over.
            (Some(given), None) => self.modified.is_some_and(|modified| {
                sent >= modified + Duration::from_secs(1) && read(given) == Some(modified)
            }),
        }
    }

    fn is_among(
        &self,
        headers: &HeaderMap,
        name: HeaderName,
        same: fn(&str, &EntityTag) -> bool,
    ) -> bool {
        let has_own = |line: &str| {
            self.tag.as_ref().is_some_and(|own| tags(line).any(|given| same(given, own)))
        };
        let mut lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
        // There is something, so `*` is true without a tag as well.
        lines.any(|line| line.trim() == "*" || has_own(line))
    }
}

/// A condition with a date; one that cannot be read, or stands there twice, is none.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (Some(date), None) => read(date),
        _ => None,
    }
}

fn read(date: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(date.to_str().ok()?).ok()
}

/// Section 8.8.3.2.
fn strongly(given: &str, own: &EntityTag) -> bool {
    !own.is_weak() && given == own.as_str()
}

fn weakly(given: &str, own: &EntityTag) -> bool {
    given.strip_prefix("W/").unwrap_or(given) == own.opaque()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validators() -> Validators {
        Validators { tag: EntityTag::new("a,1"), modified: Some(modified()) }
    }

    fn modified() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in given.iter().map(header) {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn conditions_in_their_order() {
        use Verdict::{Failed, NotModified, Send};
        let check = |given: &[(&'static str, &str)], expected: Verdict| {
            assert_eq!(validators().judge(&headers(given)), expected, "{given:?}");
        };
        check(&[], Send);
        check(&[("if-match", "\"a,1\"")], Send);
        check(&[("if-match", "\"b\", \"a,1\"")], Send);
        check(&[("if-match", "\"b\""), ("if-match", "\"a,1\"")], Send);
        check(&[("if-match", "*")], Send);
        check(&[("if-match", "\"b\"")], Failed);
        check(&[("if-match", "W/\"a,1\"")], Failed);
        check(&[("if-match", "")], Failed);
        check(&[("if-match", "a,1")], Failed);
        check(&[("if-unmodified-since", SAME)], Send);
        check(&[("if-unmodified-since", AFTER)], Send);
        check(&[("if-unmodified-since", BEFORE)], Failed);
        check(&[("if-unmodified-since", "yesterday")], Send);
        // The tag is more exact than the date.
        check(&[("if-match", "\"a,1\""), ("if-unmodified-since", BEFORE)], Send);
        check(&[("if-none-match", "\"a,1\"")], NotModified);
        check(&[("if-none-match", "W/\"a,1\"")], NotModified);
        check(&[("if-none-match", "\"b\",W/\"a,1\"")], NotModified);
        check(&[("if-none-match", "*")], NotModified);
        check(&[("if-none-match", "\"b\"")], Send);
        check(&[("if-none-match", "\"a,1")], Send);
        check(&[("if-none-match", "W/")], Send);
        check(&[("if-modified-since", SAME)], NotModified);
        check(&[("if-modified-since", AFTER)], NotModified);
        check(&[("if-modified-since", BEFORE)], Send);
        check(&[("if-modified-since", SAME), ("if-modified-since", SAME)], Send);
        check(&[("if-none-match", "\"b\""), ("if-modified-since", AFTER)], Send);
        check(&[("if-match", "\"a,1\""), ("if-none-match", "\"a,1\"")], NotModified);
        check(&[("if-match", "\"b\""), ("if-none-match", "\"a,1\"")], Failed);
    }

    #[test]
    fn a_range_depends_on_the_very_state() {
        let late = modified() + Duration::from_secs(1);
        let check = |given: &[(&'static str, &str)], sent: SystemTime, expected: bool| {
            assert_eq!(validators().allow_range(&headers(given), sent), expected, "{given:?}");
        };
        check(&[], late, true);
        check(&[("if-range", "\"a,1\"")], late, true);
        check(&[("if-range", "W/\"a,1\"")], late, false);
        check(&[("if-range", "\"b\"")], late, false);
        check(&[("if-range", SAME)], late, true);
        check(&[("if-range", SAME)], modified(), false);
        check(&[("if-range", AFTER)], late, false);
        check(&[("if-range", BEFORE)], late, false);
        check(&[("if-range", "nonsense")], late, false);
    }

    #[test]
    fn a_weak_tag_is_good_for_what_may_be_weak() {
        use Verdict::{Failed, NotModified, Send};
        let weak = Validators { tag: EntityTag::new("W/\"a\""), modified: None };
        let check = |given: &[(&'static str, &str)], expected: Verdict| {
            assert_eq!(weak.judge(&headers(given)), expected, "{given:?}");
        };
        check(&[("if-match", "W/\"a\"")], Failed);
        check(&[("if-match", "\"a\"")], Failed);
        check(&[("if-match", "*")], Send);
        check(&[("if-none-match", "W/\"a\"")], NotModified);
        check(&[("if-none-match", "\"a\"")], NotModified);
        check(&[("if-none-match", "W/\"b\"")], Send);
        let range = headers(&[("if-range", "W/\"a\"")]);
        assert!(!weak.allow_range(&range, modified()), "section 13.1.5");
    }

    #[test]
    fn without_validators_only_what_is_there_counts() {
        use Verdict::{Failed, NotModified, Send};
        let none = Validators::of(&HeaderMap::new());
        let check = |given: &[(&'static str, &str)], expected: Verdict| {
            assert_eq!(none.judge(&headers(given)), expected, "{given:?}");
        };
        check(&[("if-match", "\"a\"")], Failed);
        check(&[("if-match", "*")], Send);
        check(&[("if-none-match", "\"a\"")], Send);
        check(&[("if-none-match", "*")], NotModified);
        check(&[("if-modified-since", AFTER)], Send);
        check(&[("if-unmodified-since", BEFORE)], Send);
        assert!(none.allow_range(&HeaderMap::new(), modified()));
        assert!(!none.allow_range(&headers(&[("if-range", "\"a\"")]), modified()));
        assert!(!none.allow_range(&headers(&[("if-range", SAME)]), modified()));
    }
}
