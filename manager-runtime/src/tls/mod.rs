//! TLS: what it is spoken with, and the opening of a connection. HTTP is no matter of this part.
//!
//! ```text
//! settings -> files (PEM) -> facts (X.509), clients -> server: hello -> finish -> http
//!             or dev                                  ^ reload puts another one in its place
//! ```
//!
//! [`Tls`] is there without the features `tls` and `tls-ring` as well, as a type that has no value, so that
//! nobody else has to ask what was built.

#[cfg(feature = "_tls")]
mod client;
#[cfg(feature = "_tls")]
mod clients;
#[cfg(feature = "_tls")]
mod dev;
#[cfg(feature = "_tls")]
mod facts;
#[cfg(feature = "_tls")]
mod files;
#[cfg(feature = "_tls")]
mod provider;
#[cfg(feature = "_tls")]
mod server;
#[cfg(not(feature = "_tls"))]
mod without;

#[cfg(feature = "_tls")]
pub(crate) use client::{Connector, ServerStream};
#[cfg(feature = "_tls")]
pub(crate) use server::{Hello, Secured, Stream, Tls};
#[cfg(not(feature = "_tls"))]
pub(crate) use without::{Connector, Hello, Secured, ServerStream, Stream, Tls};

/// What client and server agreed on (RFC 7301).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "_tls"), allow(dead_code, reason = "nobody agrees without TLS"))]
pub(crate) enum Protocol {
    Http1,
    Http2,
    /// Nothing: the client did not ask.
    Unsaid,
}
