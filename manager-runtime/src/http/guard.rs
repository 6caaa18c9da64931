//! Who may ask: the key, and what is refused where there is none.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{AUTHORIZATION, FORWARDED, ORIGIN};

use crate::error::{Error, Result};
use crate::head::{Head, host_of};
use crate::http::keyring::Keyring;
use crate::http::site::Goal;
use crate::peer::Peer;

/// The name of the key that a request presents, if it is one. The bare key is accepted as well as the scheme of
/// RFC 6750.
pub(crate) fn key_of(keys: &Keyring, head: &Head) -> Option<Arc<str>> {
    let mut given = head.headers().get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return None;
    };
    let value = value.as_bytes().trim_ascii();
    let presented = match value.split_at_checked(7) {
        // As nearly everybody writes it.
        Some((b"Bearer ", key)) => key.trim_ascii_start(),
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(b"bearer ") => key.trim_ascii_start(),
        _ => value,
    };
    keys.verify(presented, head.peer())
}

/// Whether whoever is known may have what they ask for: by the names that a handler has written down.
pub(super) fn check_names(goal: Option<&Goal>, peer: &Peer) -> Result<()> {
    let Some(goal) = goal else { return Ok(()) };
    if !goal.peers.is_empty() {
        check_certificate(goal.peers, peer)?;
    }
    match peer.key() {
        _ if goal.keys.is_empty() => Ok(()),
        Some(key) if goal.keys.contains(&key) => Ok(()),
        Some(_) => Err(Error::forbidden("this needs another key")),
        None => Err(Error::forbidden("this needs a key")),
    }
}

/// Whether the certificate of a client has one of these names.
fn check_certificate(names: &[&str], peer: &Peer) -> Result<()> {
    match peer.certificate() {
        Some(certificate) if certificate.names().any(|name| names.contains(&name)) => Ok(()),
        Some(_) => Err(Error::forbidden("this needs another certificate")),
        None => Err(Error::forbidden("this needs a certificate")),
    }
}

pub(crate) fn unauthorized() -> Error {
    Error::unauthorized("a valid key is needed: Authorization: Bearer <key>")
}

/// Without a key anybody who reaches the port may ask, and a browser reaches it for every page that
/// its user visits. So what such a page sends is refused: by the headers that browsers add, and on a
/// loopback listener by the name it was reached under (a rebound name is not a loopback one). A page that
/// CORS allows, of a site that this one is `shared` with, may ask; to a rebound name nobody may.
pub(crate) fn check_site(head: &Head, loopback_listener: bool, shared: bool) -> Result<()> {
    let headers = head.headers();
    let host = host_of(head.uri(), headers);
    if !shared {
        check_page(headers, host)?;
    }
    if loopback_listener && !is_loopback_name(host) {
        return Err(foreign("it names another host"));
    }
    Ok(())
}

/// Refuses what was sent by a page of another site.
fn check_page(headers: &HeaderMap, host: &str) -> Result<()> {
    if let Some(site) = headers.get("sec-fetch-site")
        && !matches!(site.as_bytes(), b"same-origin" | b"none")
    {
        return Err(foreign("it was sent by a page of another site"));
    }
    if let Some(origin) = headers.get(ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        if authority.is_none() || !authority.unwrap_or_default().eq_ignore_ascii_case(host) {
            return Err(foreign("it was sent by a page of another site"));
        }
    }
    Ok(())
}

fn foreign(why: &str) -> Error {
    Error::forbidden(format!("without a key this request is refused: {why}"))
}

/// Whether a request without a key may stop the manager: only somebody on this machine, with nothing
/// in between.
pub(crate) fn may_stop_without_key(head: &Head, loopback_listener: bool) -> bool {
    let headers = head.headers();
    let forwarded = headers.contains_key(FORWARDED)
        || headers.keys().any(|name| name.as_str().starts_with("x-forwarded-"));
    loopback_listener && is_loopback_name(host_of(head.uri(), headers)) && !forwarded
}

fn is_loopback_name(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        // The last colon is a port's, unless it stands inside the brackets of an address.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost") {
        return true;
    }
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names() {
        let check =
            |host: &str, expected: bool| assert_eq!(is_loopback_name(host), expected, "{host}");
        check("localhost", true);
        check("LocalHost:8080", true);
        check("localhost.", true);
        check("app.localhost:1", true);
        check("127.0.0.1:8080", true);
        check("127.9.9.9", true);
        check("[::1]:8080", true);
        check("[::1]", true);
        check("example.com", false);
        check("localhost.example.com", false);
        check("10.0.0.1", false);
        check("", false);
    }
}
