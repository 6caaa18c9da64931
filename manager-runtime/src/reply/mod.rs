//! The replies that say more than their content: a status, headers, a place to go to, events.
//!
//! What a handler may return at all says [`IntoReply`](crate::IntoReply). Over HTTP, on a route, a reply
//! has all that is here; in an envelope and to callers in the process it is its content alone.

pub(crate) mod disposition;
mod event;
mod form;
mod headers;
mod html;
pub(crate) mod media;
mod redirect;
mod response;
mod sse;
mod status;
mod tuples;

pub use event::{Event, IntoEvent};
pub use headers::IntoHeaders;
pub use html::Html;
pub use redirect::Redirect;
pub use sse::{EventSender, LastEventId, Sse};
pub use status::NoContent;
