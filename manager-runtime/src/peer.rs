//! Who is at the other end of a request.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use subtle::ConstantTimeEq;

/// Who is at the other end of a request: the address of the connection, the certificate that was shown on it,
/// and the name of the key that the request presented. All of it is checked; none of it is what the client
/// says of itself.
///
/// A proxy in front of the service has its own address here: `Forwarded` and `X-Forwarded-For` are words of
/// the client, and nothing in them is believed.
///
/// `Option<Peer>` is `None` for a call that did not come over HTTP. A server around a
/// [`ManagerService`](crate::ManagerService) says who its client is in the extensions of the request:
///
/// ```
/// use manager_runtime::{Body, Peer, Request};
///
/// let mut request = Request::new(Body::empty());
/// request.extensions_mut().insert(Peer::new(([192, 0, 2, 7], 4711).into()));
/// ```
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::Peer;
///
/// #[handler(get = "/whoami")]
/// async fn whoami(peer: Peer) -> String {
///     match peer.key() {
///         Some(name) => format!("{} with the key of {name}", peer.address().ip()),
///         None => peer.address().ip().to_string(),
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `BadRequest` for a call that did not come over HTTP.
#[derive(Clone)]
pub struct Peer {
    address: SocketAddr,
    /// What all requests of its connection share; none where the connection is a server's around us.
    link: Option<Arc<Link>>,
    key: Option<Arc<str>>,
    /// What the program's own authenticator said of the client.
    identity: Option<Who>,
}

/// Somebody, in the program's own words.
pub(crate) type Who = Arc<dyn Any + Send + Sync>;

impl Peer {
    /// A peer of whom only the address is known.
    pub fn new(address: SocketAddr) -> Self {
        Peer { address, link: None, key: None, identity: None }
    }

    /// Whoever opened a connection, perhaps with a certificate.
    pub(crate) fn connected(address: SocketAddr, certificate: Option<Arc<Certificate>>) -> Self {
        let link = Some(Arc::new(Link { certificate, last_key: Mutex::default() }));
        Peer { link, ..Peer::new(address) }
    }

    /// The name of the key that this connection has presented before, if these are the same bytes and the
    /// keys are of the same edition. In a time that depends on the length alone: behind a proxy the
    /// last request of a connection was perhaps somebody else's.
    pub(crate) fn recall_key(&self, presented: &[u8], edition: u64) -> Option<Arc<str>> {
        let last = self.link.as_ref()?.last_key.try_lock().ok()?;
        let LastKey { presented: before, name, edition: then } = last.as_ref()?;
        (*then == edition && is_same(before, presented)).then(|| name.clone())
    }

    /// Keeps what was presented for the next request of the connection, and gives the name for this one: a copy,
    /// because a counter of references that all connections share is a place where threads meet.
    pub(crate) fn keep_key(&self, presented: &[u8], name: &str, edition: u64) -> Arc<str> {
        let name: Arc<str> = name.into();
        if presented.len() <= LONGEST_KEPT
            && let Some(link) = &self.link
            && let Ok(mut last) = link.last_key.try_lock()
        {
            *last = Some(LastKey { presented: presented.into(), name: name.clone(), edition });
        }
        name
    }

    /// Notes which key was presented.
    pub(crate) fn presented(&mut self, key: Arc<str>) {
        self.key = Some(key);
    }

    /// Notes whom the authenticator takes the client for.
    pub(crate) fn identified(&mut self, who: Who) {
        self.identity = Some(who);
    }

    /// Whom the authenticator takes the client for, if it was asked and that is what it gives.
    pub(crate) fn identity<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.identity.clone()?.downcast().ok()
    }

    /// The address that the connection came from.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate that the client proved to have, signed by the setting `client_ca`; `None` where none is
    /// asked for.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.link.as_ref()?.certificate.as_deref()
    }

    /// The name of the key that the request presented, as the settings call it; `None` where no key is set, on
    /// a `public` handler, and for whom an [`#[authenticator]`](macro@crate::authenticator) let in.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

/// Two are the same if all of it is, the identity included: that of one and the same check.
impl PartialEq for Peer {
    fn eq(&self, other: &Self) -> bool {
        let Peer { address, link: _, key, identity } = self;
        let same_identity = match (identity, &other.identity) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        *address == other.address
            && self.certificate() == other.certificate()
            && *key == other.key
            && same_identity
    }
}

impl Eq for Peer {}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a program calls an identity is its own, and may hold a secret.
        let Peer { address, link: _, key, identity: _ } = self;
        f.debug_struct("Peer")
            .field("address", address)
            .field("certificate", &self.certificate())
            .field("key", key)
            .finish_non_exhaustive()
    }
}

/// What all requests of a connection share.
struct Link {
    certificate: Option<Arc<Certificate>>,
    last_key: Mutex<Option<LastKey>>,
}

/// The last valid key of a connection. A client that presents the same again costs a comparison instead of a
/// digest.
struct LastKey {
    presented: Box<[u8]>,
    name: Arc<str>,
    /// Of the keys that it was one of.
    edition: u64,
}

/// A longer key is compared by its digest each time.
const LONGEST_KEPT: usize = 256;

/// Whether two are the same, in a time that depends on the lengths alone. Eight bytes at a time: this runs for
/// every request.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (one, one_rest) = one.as_chunks::<8>();
    let (other, other_rest) = other.as_chunks::<8>();
    let mut same = one_rest.ct_eq(other_rest);
    for (one, other) in one.iter().zip(other) {
        same &= u64::from_ne_bytes(*one).ct_eq(&u64::from_ne_bytes(*other));
    }
    same.into()
}

/// What a client's certificate says, checked against the setting `client_ca`.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    common_name: Option<String>,
    dns_names: Vec<String>,
    der: Vec<u8>,
}

impl Certificate {
    #[allow(dead_code, reason = "made where TLS is spoken, which is a feature")]
    pub(crate) fn new(common_name: Option<String>, dns_names: Vec<String>, der: Vec<u8>) -> Self {
        Certificate { common_name, dns_names, der }
    }

    /// The common name of the subject (RFC 5280, section 4.1.2.6).
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// The DNS names among the alternative names of the subject (RFC 5280, section 4.2.1.6).
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.dns_names.iter().map(String::as_str)
    }

    /// The common name and the DNS names: what the setting `allowed_names` and the option `peers` of a handler
    /// are compared with, letter by letter.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.common_name().into_iter().chain(self.dns_names())
    }

    /// The certificate as it came, in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("common_name", &self.common_name)
            .field("dns_names", &self.dns_names)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_recalls_its_last_key_and_no_other() {
        let address = ([127, 0, 0, 1], 80).into();
        let peer = Peer::connected(address, None);
        assert_eq!(peer.recall_key(b"0123456789", 0), None);
        peer.keep_key(b"0123456789", "admin", 0);
        assert_eq!(peer.clone().recall_key(b"0123456789", 0).as_deref(), Some("admin"));
        for other in ["", "012345678", "0123456788", "1123456789", "01234567890"] {
            assert_eq!(peer.recall_key(other.as_bytes(), 0), None, "{other}");
        }
        assert_eq!(peer.recall_key(b"0123456789", 1), None, "the keys may be others by now");
        let long = [b'k'; LONGEST_KEPT + 1];
        peer.keep_key(&long, "long", 0);
        assert_eq!(peer.recall_key(&long, 0), None);
        let embedded = Peer::new(address);
        embedded.keep_key(b"k", "admin", 0);
        assert_eq!(embedded.recall_key(b"k", 0), None, "nobody knows whose connection that is");
        let kept = format!("{peer:?}");
        assert!(!kept.contains("0123456789"), "{kept}");
    }
}
