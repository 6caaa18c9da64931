//! WebSockets (RFC 6455) as handlers see them, and the connection behind them.
//!
//! ```text
//! handler -> socket (receiver, sender) -> link -> wire -> connection
//!                  the user's side      messages   frames
//! ```
//!
//! [`socket`] is what a handler holds; [`link`] is what it shares with the connection, a few messages
//! each way; [`wire`] runs the connection: it answers pings, sees a close, and ends it in order, whether
//! the handler is looking or not; [`inspect`] finds what is against the protocol as it comes. How a request
//! becomes a WebSocket is a matter of `http`.
//!
//! Messages are not compressed: `permessage-deflate` (RFC 7692) is not agreed upon, whoever offers it.

mod inspect;
mod link;
mod message;
mod socket;
mod wire;

pub(crate) use link::Link;
pub(crate) use socket::{Handed, Opening};
pub(crate) use wire::serve;

pub use message::{CloseFrame, WsMessage};
pub use socket::{Handshake, Subprotocols, WebSocket, WsReceiver, WsSender};
