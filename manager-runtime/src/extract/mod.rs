//! What a handler takes of a request over HTTP.
//!
//! Parts are made of the head: [`path`], [`query`], [`target`] (method, address, host), `header`,
//! `cookies`, [`extension`], [`identity`]. Messages read the body: [`stream`], `multipart`. Around both stand
//! [`optional`] and [`rejection`]; [`fit`] compares a tuple with a pattern at compile time.

#[cfg(feature = "cookies")]
mod cookies;
mod extension;
mod fit;
#[cfg(feature = "headers")]
mod header;
mod identity;
#[cfg(feature = "multipart")]
mod multipart;
mod optional;
mod path;
mod query;
mod rejection;
mod stream;
mod target;

#[cfg(feature = "cookies")]
pub use cookies::{CookieKey, Cookies, PrivateCookies, SignedCookies};
pub use extension::Extension;
pub use fit::{AnyCaptures, CapturesOf, captures_fit};
#[cfg(feature = "headers")]
pub use header::Header;
pub use identity::Identity;
#[cfg(feature = "multipart")]
pub use multipart::{Multipart, MultipartField};
pub use optional::OptionalPart;
pub use path::Path;
pub use query::Query;
pub use rejection::Rejection;
pub use stream::BodyStream;
pub use target::{ClientAddr, Host};
