//! map to come
mod error;
mod message;
mod handler;
mod context;
mod exchange;
mod base;
mod state;
mod config;
mod shutdown;

mod replica;
mod bus;

mod http;

mod signals;
mod manager;

#[doc(hidden)]
pub mod __private;

pub use base::Base;
pub use bytes::Bytes;
pub use config::{IntoDuration, IntoSize, ValueError};
pub use context::{Call, Context, Parts, Publish, Res, Source};
pub use error::{BoxError, Error, Kind, Result};
pub use exchange::MultiBus;
pub use handler::{
    Answer, At, Building, Built, Erased, Handler, IntoReply, Key, Message, Needs, NoMessage, Parameter, Parameters, Part, Place, Request, Slot, Spec, Values, role
};
pub use manager::{IntoText, Manager, Running};
pub use manager_macros::{handler, manager, message};
pub use message::{Form, IntoPayload, Json, Payload, Reply};
pub use state::{AsyncFunction, FromState, IntoEntry, SharedState, StateError, StateType, SyncFunction, Watch};

/// to come
pub mod prelude {
    pub use crate::{
        Base, Bytes, Context, Error, Form, Json, Kind, Manager, MultiBus, Reply, Res, Result, Running, SharedState, StateType, handler, manager, message,
    };
    pub use std::process::ExitCode;
}
