//! The router: who answers a request.

use http::HeaderValue;

use super::host;
use super::methods::Methods;
use super::path::{Decoded, Segments};
use super::tree::{Goal, Reached, Tree};
use crate::captures::{Captures, Spans};
use crate::route::Segment;

/// All routes, ready to be searched.
#[derive(Debug)]
pub(crate) struct Router<T> {
    /// Leads to the sites of routes that name hosts, if there are any.
    pub(super) hosts: Option<Tree>,
    /// The first one is that of routes without a host. They lead to the resources.
    pub(super) sites: Box<[Tree]>,
    /// They lead to the ways.
    pub(super) resources: Box<[Methods]>,
    pub(super) ways: Box<[Way]>,
    pub(super) targets: Box<[T]>,
}

/// A route on one of its hosts.
#[derive(Debug)]
pub(super) struct Way {
    /// Which target it leads to.
    pub(super) route: u32,
    pub(super) labels: &'static [Segment],
    pub(super) segments: &'static [Segment],
}

/// Who answers.
#[derive(Debug)]
pub(crate) enum Found<'r, T> {
    Route {
        target: &'r T,
        captures: Captures,
    },
    /// There is a resource, but nobody who answers the method: a 405, or the answer to `OPTIONS`.
    OtherMethods {
        allow: &'r HeaderValue,
    },
    /// The path exists with a slash at its end, or without the one that it has. It is neither without a
    /// segment nor has it an empty one, so it never begins with two slashes, which would be a host.
    Redirect {
        with_slash: bool,
    },
    Nothing,
    /// A bad percent sign, or bytes that are not UTF-8.
    Malformed,
}

/// A host that routes name.
struct Named<'h> {
    site: Goal,
    host: std::borrow::Cow<'h, str>,
    spans: Spans,
}

impl<T> Router<T> {
    /// Whether the host of a request matters.
    pub(crate) fn knows_hosts(&self) -> bool {
        self.hosts.is_some()
    }

    /// Looks for the route of a request: the host as in the `Host` field or the target, with or without a
    /// port; the path without its query, as it was sent; the method as it was sent.
    pub(crate) fn find<'r>(&'r self, host: Option<&str>, path: &str, method: &str) -> Found<'r, T> {
        // Spans measure no more. The service refuses such a text long before.
        if path.len() + host.map_or(0, str::len) > usize::from(u16::MAX) || !path.starts_with('/') {
            return Found::Nothing;
        }
        let named = host.and_then(|host| self.named(host));
        let tree = &self.sites[named.as_ref().map_or(0, |named| named.site as usize)];
        if let Some(resource) = tree.whole(path) {
            return self.answer(resource, method, named.as_ref(), &Spans::default(), path, None);
        }
        let mut decoded = None;
        if path.as_bytes().contains(&b'%') {
            match Decoded::of(path) {
                Some(path) if path.hollow => return Found::Nothing,
                Some(path) => decoded = Some(path),
                None => return Found::Malformed,
            }
        }
        let segments = decoded.as_ref().map_or_else(|| Segments::of_path(path), Decoded::segments);
        let mut spans = Spans::default();
        match tree.walk(&segments, &mut spans) {
            Reached::Goal(resource) => {
                let decoded = decoded.map(|decoded| decoded.text);
                self.answer(resource, method, named.as_ref(), &spans, path, decoded)
            }
            Reached::Redirect => Found::Redirect { with_slash: !segments.slash },
            Reached::Nothing => Found::Nothing,
        }
    }

    /// How many steps a look-up makes without a host, and how many nodes the tree has.
    #[cfg(test)]
    pub(super) fn steps(&self, path: &str) -> (usize, usize) {
        let decoded = Decoded::of(path).expect("a path");
        (self.sites[0].steps(&decoded.segments()), self.sites[0].len())
    }

    fn named<'h>(&self, host: &'h str) -> Option<Named<'h>> {
        let hosts = self.hosts.as_ref()?;
        let (host, mut spans) = (host::plain(host), Spans::default());
        let reached = match hosts.whole(&host) {
            Some(site) => Reached::Goal(site),
            None => hosts.walk(&Segments::of_host(&host), &mut spans),
        };
        match reached {
            Reached::Goal(site) => Some(Named { site, host, spans }),
            Reached::Redirect | Reached::Nothing => None,
        }
    }

    fn answer<'r>(
        &'r self,
        resource: Goal,
        method: &str,
        named: Option<&Named<'_>>,
        spans: &Spans,
        path: &str,
        decoded: Option<String>,
    ) -> Found<'r, T> {
        let methods = &self.resources[resource as usize];
        let Some(way) = methods.answer(method) else {
            return Found::OtherMethods { allow: methods.allow() };
        };
        let Way { route, labels, segments } = self.ways[way as usize];
        let text = decoded.filter(|_| spans.len() > 0);
        let captures = match named {
            Some(Named { host, spans: labeled, .. }) if labeled.len() > 0 => {
                let mut all = *labeled;
                all.extend(spans, host.len());
                let text = [&**host, text.as_deref().unwrap_or(path)].concat();
                Captures::new(&all, Some(text), labels, segments)
            }
            _ => Captures::new(spans, text, labels, segments),
        };
        Found::Route { target: &self.targets[route as usize], captures }
    }
}
