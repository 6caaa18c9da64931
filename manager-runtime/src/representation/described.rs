//! Bytes and what is said of them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{CONTENT_TYPE, ETAG, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};

use super::content::Planned;
use super::source::Source;
use super::tag::EntityTag;
use crate::body::Body;

/// A representation (RFC 9110, section 3.2).
#[derive(Debug)]
pub(crate) struct Representation {
    pub(crate) source: Source,
    pub(crate) media_type: HeaderValue,
    /// A strong one promises these very bytes: a file with one is not sent on if it changes on the way.
    pub(crate) tag: Option<EntityTag>,
    pub(crate) modified: Option<SystemTime>,
    /// What else is said of it.
    pub(crate) headers: HeaderMap,
}

impl Representation {
    pub(crate) fn new(source: Source, media_type: HeaderValue) -> Self {
        Representation { source, media_type, tag: None, modified: None, headers: HeaderMap::new() }
    }

    /// All that is said of it, and its bytes, still to be chosen from. `now` is the date of the answer.
    pub(crate) fn into_parts(self, now: SystemTime) -> (HeaderMap, Planned) {
        let Representation { source, media_type, tag, modified, mut headers } = self;
        headers.insert(CONTENT_TYPE, media_type);
        // What is stored for others is nothing to guess a type from.
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(tag) = tag.as_ref().and_then(EntityTag::value) {
            headers.insert(ETAG, tag);
        }
        if let Some(date) = modified.and_then(|modified| http_date(modified, now)) {
            headers.insert(LAST_MODIFIED, date);
        }
        let is_exact = tag.is_some_and(|tag| !tag.is_weak());
        (headers, Planned::whole(source, is_exact))
    }

    /// The bytes, for whoever has no use for the rest.
    pub(crate) fn into_body(self) -> Body {
        self.into_parts(SystemTime::now()).1.into_body()
    }
}

/// A date for a header, never one that is to come (RFC 9110, section 8.8.2.1). Years that the format does
/// not have are left out.
fn http_date(time: SystemTime, now: SystemTime) -> Option<HeaderValue> {
    const END: Duration = Duration::from_secs(253_402_300_800);
    let time = time.min(now);
    time.duration_since(UNIX_EPOCH).ok().filter(|age| *age < END)?;
    HeaderValue::try_from(httpdate::fmt_http_date(time)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_of_the_past_and_of_this_calendar() {
        let now = SystemTime::now();
        let check = |time: SystemTime, expected: Option<&str>| {
            let date = http_date(time, now);
            assert_eq!(date.as_ref().map(|date| date.to_str().unwrap()), expected);
        };
        check(UNIX_EPOCH, Some("Thu, 01 Jan 1970 00:00:00 GMT"));
        check(UNIX_EPOCH - Duration::from_secs(1), None);
        let future = now + Duration::from_secs(1 << 40);
        assert_eq!(http_date(future, now), http_date(now, now), "it is the time of now");
    }
}
