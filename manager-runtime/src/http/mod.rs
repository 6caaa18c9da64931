//! HTTP as a way to reach handlers.
//!
//! ```text
//! listener -> connection -> service -> (key) -> body -> envelope -> bus
//!     sockets     bytes      requests                    messages
//! ```
//!
//! [`listener`] accepts and, at the end, serves out what the kernel has queued; [`connection`] speaks
//! HTTP/1.1 or HTTP/2 and ends idle and half-sent requests; [`service`] decides what a request is for;
//! [`ready`] are the parts around all of it that can be switched on; [`guard`] says who may ask; [`files`]
//! answers with what lies in a directory; [`body`] reads at most what is allowed; [`envelope`] is the JSON around
//! messages and replies; [`status`] is the one place that knows which error has which status. Nothing
//! here sees a replica.

pub(crate) mod connection;
pub(crate) mod envelope;
pub(crate) mod files;
pub(crate) mod goal;
pub(crate) mod guard;
pub(crate) mod listener;
pub(crate) mod path;
pub(crate) mod ready;
pub(crate) mod reply;
pub(crate) mod router;
pub(crate) mod service;
pub(crate) mod site;
pub(crate) mod status;

pub(crate) use files::Folder;
pub(crate) use listener::Listener;
pub(crate) use site::{Load, Side, Site, Surroundings, Table, around, ways};
