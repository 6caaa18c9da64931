//! What a request asks for, in which way, and where it comes from.

use std::net::SocketAddr;

use http::{HeaderMap, Method, Uri};

use crate::context::Parts;
use crate::error::{Error, Result};
use crate::extract::OptionalPart;
use crate::handler::{Needs, Parameter, Part, role};
use crate::head::host_of;
use crate::peer::Peer;

/// The name of the host that the client asked for: in lower case, without the port and without a dot at its
/// end. From the target if that is absolute (RFC 9112, section 3.2.2), from `Host` or `:authority`
/// otherwise. An address of IP version 6 keeps its brackets.
///
/// The client says it: compare it with names that are known before anything depends on it.
///
/// `Option<Host>` is `None` where the client named none, as HTTP/1.0 allows.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::Host;
///
/// #[handler(get = "/")]
/// async fn welcome(Host(host): Host) -> String {
///     format!("welcome to {host}")
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `BadRequest` if the client named none, and for a call that did not come over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host(pub String);

impl Parameter for Host {
    type Role = role::Part;
}

impl Part for Host {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let head = parts.head()?;
        match name_of(host_of(head.uri(), head.headers())) {
            name if name.is_empty() => Err(Error::bad_request("the request names no host")),
            name => Ok(Host(name)),
        }
    }

    fn needs(_: &mut Needs) {}
}

impl OptionalPart for Host {
    async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
        Ok(Self::part(parts).await.ok())
    }
}

/// The name in an authority (RFC 3986, section 3.2).
fn name_of(authority: &str) -> String {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        // The last colon is a port's, unless it stands inside the brackets of an address.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// The address that the connection came from. A proxy in front of the service has its own address here:
/// `Forwarded` and `X-Forwarded-For` are words of the client, and nothing in them is believed.
///
/// `Option<ClientAddr>` is `None` for a call that did not come over HTTP.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/whoami")]
/// async fn whoami(ClientAddr(address): ClientAddr) -> String {
///     address.ip().to_string()
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `BadRequest` for a call that did not come over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddr(pub SocketAddr);

/// Parts that every request has: absent only where there is no request.
macro_rules! always {
    ($($(#[$doc:meta])* $part:ty: |$head:ident| $value:expr $(, $needs:ident)?;)*) => {
        $(
            $(#[$doc])*
            impl Parameter for $part {
                type Role = role::Part;
            }

            impl Part for $part {
                async fn part(parts: &mut Parts<'_>) -> Result<Self> {
                    let $head = parts.head()?;
                    Ok($value)
                }

                fn needs(needs: &mut Needs) {
                    let _ = &needs;
                    $(needs.$needs();)?
                }
            }

            impl OptionalPart for $part {
                async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
                    Ok(Self::part(parts).await.ok())
                }
            }
        )*
    };
}

always! {
    ClientAddr: |head| ClientAddr(head.peer().address());
    Peer: |head| head.peer().clone();
    /// The method of the request (RFC 9110, section 9).
    Method: |head| head.method().clone();
    /// The target of the request, as the client sent it (RFC 9110, section 7.1).
    Uri: |head| head.uri().clone(), whole_path;
    /// All headers of the request (RFC 9110, section 5).
    HeaderMap: |head| head.headers().clone();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_nothing_more() {
        let check = |authority: &str, expected: &str| assert_eq!(name_of(authority), expected);
        check("Example.COM", "example.com");
        check("example.com:8080", "example.com");
        check("example.com.:8080", "example.com");
        check("user:secret@example.com", "example.com");
        check("[::1]:80", "[::1]");
        check("[2001:DB8::1]", "[2001:db8::1]");
        check("127.0.0.1:1", "127.0.0.1");
        check("", "");
    }
}
