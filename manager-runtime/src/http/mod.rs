//! HTTP as a way to reach handlers.
//!
//! ```text
//! listener -> connection -> service -> (key) -> body -> envelope -> bus
//!     sockets     bytes      requests                    messages
//! ```
//!
//! [`listener`] accepts and, at the end, serves out what the kernel has queued; [`connection`] speaks
//! HTTP/1.1 or HTTP/2 and ends idle and half-sent requests; [`service`] decides what a request is for;
//! [`guard`] who may ask; [`body`] reads at most what is allowed; [`envelope`] is the JSON around
//! messages and replies; [`status`] is the one place that knows which error has which status. Nothing
//! here sees a replica.

pub(crate) mod connection;
pub(crate) mod envelope;
pub(crate) mod goal;
pub(crate) mod guard;
pub(crate) mod listener;
pub(crate) mod path;
pub(crate) mod reply;
pub(crate) mod router;
pub(crate) mod service;
pub(crate) mod site;
pub(crate) mod status;
#[cfg(feature = "ws")]
pub(crate) mod ws;

pub(crate) use listener::Listener;
pub(crate) use site::{Load, Side, Site, Surroundings, Table};
