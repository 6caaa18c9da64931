//! Who may ask from a page of another site (WHATWG Fetch, "CORS protocol").

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::vary;
use crate::config::Origins;
use crate::head::{Head, Response};
use crate::http::reply;
use crate::http::router::Found;
use crate::http::site::{Aim, Site};
use crate::http::ways::Own;

/// For how many seconds a browser need not ask again: an hour, which is less than the most that each of them
/// allows.
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

const ANY: HeaderValue = HeaderValue::from_static("*");

/// The pages that may ask.
pub(super) struct Cors {
    origins: Origins,
}

impl Cors {
    pub(super) fn of(origins: &Origins) -> Option<Self> {
        (*origins != Origins::None).then(|| Cors { origins: origins.clone() })
    }

    /// The page that asks, if it may read the answer: as the answer names it.
    pub(super) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut given = headers.get_all(ORIGIN).iter();
        let (Some(origin), None) = (given.next(), given.next()) else { return None };
        match &self.origins {
            Origins::Any => Some(ANY),
            origins => origins.admits(origin.as_bytes()).then(|| origin.clone()),
        }
    }

    /// Says on an answer who may read it.
    pub(super) fn mark(&self, allowed: Option<HeaderValue>, headers: &mut HeaderMap) {
        if self.origins != Origins::Any {
            // Also where the page may not, or none asks: a cache must not give the answer to another.
            vary(headers, ORIGIN);
        }
        // A handler that says it by itself knows better; twice would be nobody.
        if let Some(allowed) = allowed
            && !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN)
        {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            // Who may read the body may read what is said about it. The star stands for all, because no
            // answer is made with credentials.
            headers.entry(ACCESS_CONTROL_EXPOSE_HEADERS).or_insert(ANY);
        }
    }

    /// The answer to the question of a browser whether a page may ask. It comes before the key, because
    /// browsers send none with it.
    pub(super) fn preflight(&self, site: &Site, head: &Head) -> Option<Response> {
        if head.method() != Method::OPTIONS {
            return None;
        }
        let headers = head.headers();
        self.allowed(headers)?;
        let wanted = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        let methods = methods(site, head, wanted)?;
        let mut response = reply::empty(StatusCode::NO_CONTENT);
        let answer = response.headers_mut();
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        // Reflected: a list would have to know what every handler reads.
        for names in headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.append(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        vary(answer, ORIGIN);
        vary(answer, ACCESS_CONTROL_REQUEST_METHOD);
        vary(answer, ACCESS_CONTROL_REQUEST_HEADERS);
        Some(response)
    }
}

/// The methods that a page may use. `None` where the path leads nowhere: the answer is what it would be
/// without CORS.
fn methods(site: &Site, head: &Head, wanted: &HeaderValue) -> Option<HeaderValue> {
    let method = Method::from_bytes(wanted.as_bytes()).ok()?;
    if !site.is_open() {
        // What there is stays a secret to whoever may not know, and nobody shows a key here. The request itself
        // is refused if it leads nowhere.
        return Some(wanted.clone());
    }
    let find = |method: &str| site.table.find(head, method);
    if let Found::Route { target, .. } = find(method.as_str()) {
        let goal = site.table.goals.get(*target as usize);
        if goal.is_some_and(|goal| matches!(goal.aim, Aim::Own(Own::Shutdown))) {
            return None;
        }
    }
    // No route has the method without a name, so what answers it answers all of them.
    match find("") {
        Found::OtherMethods { allow } => Some(allow.clone()),
        Found::Route { .. } => Some(wanted.clone()),
        Found::Redirect { .. } | Found::Nothing | Found::Malformed => None,
    }
}
