//! Services in the place of handlers, under a path of their own.

use std::sync::{Arc, Mutex, PoisonError};

use http::Uri;
use http::uri::PathAndQuery;

use crate::context::BoxFuture;
use crate::error::Result;
use crate::head::{Request, Response};
use crate::middleware::Mounted;
use crate::tower::service::TowerService;

/// The target of a request as it was before a prefix was taken off it, in the extensions of a request to
/// a [mounted](crate::Manager::mount) service.
///
/// ```
/// use manager_runtime::{OriginalUri, Request};
///
/// fn below(request: &Request) -> String {
///     let original = request.extensions().get::<OriginalUri>();
///     format!("{} was {:?}", request.uri(), original.map(|OriginalUri(uri)| uri))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalUri(pub Uri);

/// The service, whatever its type.
pub(crate) fn mounted<S: TowerService>(service: S) -> Arc<dyn Mounted> {
    Arc::new(Stands(Mutex::new(service)))
}

struct Stands<S>(Mutex<S>);

impl<S: TowerService> Mounted for Stands<S> {
    fn call(&self, mut request: Request, segments: usize) -> BoxFuture<'static, Result<Response>> {
        let uri = request.uri().clone();
        *request.uri_mut() = match without(&uri, segments) {
            Ok(uri) => uri,
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        request.extensions_mut().insert(OriginalUri(uri));
        let service = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        service.ask(request)
    }
}

/// The target without the first segments of its path; what is left begins with a slash.
fn without(uri: &Uri, segments: usize) -> Result<Uri> {
    let path = uri.path();
    let mut slashes = path.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
    let rest = slashes.nth(segments).map_or("/", |(at, _)| &path[at..]);
    let target = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{rest}?{query}")),
        None => PathAndQuery::try_from(rest),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target?);
    Ok(Uri::from_parts(parts)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_taken_off_in_whole_segments() {
        let check = |uri: &str, segments: usize, expected: &str| {
            let stripped = without(&uri.parse().unwrap(), segments).unwrap();
            assert_eq!(stripped.to_string(), expected, "{uri} without {segments}");
        };
        check("/legacy", 1, "/");
        check("/legacy/", 1, "/");
        check("/legacy?q=1", 1, "/?q=1");
        check("/legacy/a%2Fb/?q=/x", 1, "/a%2Fb/?q=/x");
        check("/old/legacy/a", 2, "/a");
        check("/a/b", 0, "/a/b");
        check("http://example.com/legacy/a?b", 1, "http://example.com/a?b");
    }
}
