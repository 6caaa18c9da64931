//! HTTP as a way to reach handlers.
//!
//! ```text
//! listener -> connection -> service -> router, guard, middleware -> goal -> bus
//!     sockets     bytes      requests                                messages
//! ```
//!
//! [`listener`] accepts, by [`addresses`] no more than so many from one, and at the end serves out what the
//! kernel has queued; [`connection`] speaks HTTP/1.1 or HTTP/2, over [`tls`] or not, over a [`watched`] socket, which
//! ends idle and half-sent requests, answers that nobody reads, and floods of [`frames`]; [`activity`] is what the two tell
//! each other, [`streams`] does for each stream of HTTP/2 what the socket does for HTTP/1, and [`bucket`] says
//! how often something may happen. [`service`] takes an [`arrival`], whose [`host`] it looks at, through all that
//! follows and gives errors their form; [`ready`] are the parts around all of that which can be switched
//! on. [`mod@ways`] lists all that a path can lead to; [`check`] says what of it cannot be, and [`site`] is the
//! table of it, made at the start; [`router`] finds routes in it, and knows nothing of requests; [`guard`]
//! says who may ask, with the keys of the [`keyring`], and [`rates`] how often; [`goal`] turns a request into a message for a handler, by its route or by the JSON of
//! [`envelope`], or asks [`files`] for a file; [`transfer`] does the same for the files that handlers take
//! and give, [`shelf`] for those of the ready-made store, of which [`tus`] is the protocol of resumable
//! uploads. [`reply`] is what comes back, [`serve`] how much of it is sent where there are parts,
//! [`stream`] what is sent while it is made; [`status`] is the one place that knows which error has which
//! status. Nothing here sees a replica.

mod activity;
mod addresses;
mod arrival;
mod bucket;
pub(crate) mod check;
pub(crate) mod connection;
#[cfg(feature = "tower")]
pub(crate) mod embedded;
pub(crate) mod envelope;
pub(crate) mod files;
pub(crate) mod fit;
mod frames;
pub(crate) mod goal;
pub(crate) mod guard;
mod host;
pub(crate) mod keyring;
pub(crate) mod listener;
pub(crate) mod path;
mod prefix;
pub(crate) mod rates;
pub(crate) mod ready;
pub(crate) mod reply;
pub(crate) mod router;
pub(crate) mod serve;
pub(crate) mod service;
pub(crate) mod shelf;
pub(crate) mod site;
pub(crate) mod status;
pub(crate) mod stream;
mod streams;
mod tls;
pub(crate) mod transfer;
pub(crate) mod tus;
mod watched;
pub(crate) mod ways;
#[cfg(feature = "ws")]
pub(crate) mod ws;

#[cfg(feature = "tower")]
pub use embedded::ManagerService;
pub(crate) use files::Folder;
pub(crate) use keyring::Keyring;
pub(crate) use listener::Listener;
pub(crate) use rates::Rates;
pub(crate) use shelf::Shelf;
pub(crate) use site::{Load, Site, Surroundings, Table, around};
pub(crate) use ways::{HandlerWay, Served, Side, WayKind, ways};
