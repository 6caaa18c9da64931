//! What is served in whole or in parts: bytes, where they come from, and what is said of them (RFC 9110,
//! section 8).
//!
//! A reply carries it, and whoever knows the request decides how much of it is sent: `http/serve`. Nothing
//! here has seen a request.

mod content;
mod described;
mod exact;
mod reader;
mod source;
mod tag;

use http::HeaderName;

pub(crate) use content::{Part, Piece, Planned};
pub(crate) use described::Representation;
pub(crate) use reader::FromReader;
pub(crate) use source::{Source, State};
pub(crate) use tag::{EntityTag, tags};

/// The digest of a whole representation (RFC 9530, section 3).
pub(crate) const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
