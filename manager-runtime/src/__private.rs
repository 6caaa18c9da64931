//! What generated code may name. Not an interface: it changes with the macros, which are pinned to
//! this very version.

pub use crate::authenticator::{
    Authenticator, AuthenticatorEntry, AuthenticatorSpec, IntoIdentity,
};
pub use crate::bus::registry::Entry;
pub use crate::cli::{IntoState, Program, run};
pub use crate::config::IntoCount;
pub use crate::error::{AsSource, Error, HasKind, Kind, KindEntry};
pub use crate::extract::{AnyCaptures, CapturesOf, captures_fit};
pub use crate::handler::{
    Absent, At, Beside, BesideAt, Building, Built, Entrances, Erased, Handler, IntoReply, Key,
    Message, Method, MethodValues, Needs, New, NoRun, Parameter, Parameters, Place, Reads, Slot,
    Spec, Values, Via, arguments, default_replica, needs_of, no_message, one_message, role,
    takes_a_file, takes_a_name,
};
pub use crate::head::{Request, Response};
pub use crate::message::{
    IntoPayload, Payload, Reply, decode_value as decode_json, value_payload as payload_json,
    value_reply as encode_json,
};
pub use crate::middleware::{
    Around, Catcher, CatcherEntry, CatcherSpec, FirstParameter, IntoResult, Layered, Middleware,
    MiddlewareEntry, MiddlewareSpec, MiddlewareValues, Next, SecondParameter, around, reply, with,
};
pub use crate::rate::Rate;
pub use crate::route::{Deprecation, Host, Moved, Pattern, Piece, Port, Route, Segment, Slash};
#[cfg(feature = "tower")]
pub use crate::tower::Inner;
pub use crate::tower::{TowerLayer, TowerService, tower_layer};
pub use inventory;
pub use serde;
