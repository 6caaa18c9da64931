//! Who is at the other end of a request.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

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
    certificate: Option<Arc<Certificate>>,
    key: Option<Arc<str>>,
    /// What the program's own authenticator said of the client.
    identity: Option<Who>,
}

/// Somebody, in the program's own words.
pub(crate) type Who = Arc<dyn Any + Send + Sync>;

impl Peer {
    /// A peer of whom only the address is known.
    pub fn new(address: SocketAddr) -> Self {
        Peer { address, certificate: None, key: None, identity: None }
    }

    /// The same with the certificate that the connection was opened with.
    pub(crate) fn with_certificate(mut self, certificate: Option<Arc<Certificate>>) -> Self {
        self.certificate = certificate;
        self
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
        self.certificate.as_deref()
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
        let Peer { address, certificate, key, identity } = self;
        let same_identity = match (identity, &other.identity) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        *address == other.address
            && *certificate == other.certificate
            && *key == other.key
            && same_identity
    }
}

impl Eq for Peer {}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a program calls an identity is its own, and may hold a secret.
        let Peer { address, certificate, key, identity: _ } = self;
        f.debug_struct("Peer")
            .field("address", address)
            .field("certificate", certificate)
            .field("key", key)
            .finish_non_exhaustive()
    }
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
