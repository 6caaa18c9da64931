//! The key-value store that every handler sees.
//!
//! - [`SharedState`] holds values under text keys; [`StateType`] is what a value can be.
//! - [`FromState`] and [`IntoEntry`] are the ways out of and into it; [`StateError`] is what can go wrong.
//! - [`Watch`] follows one key.
//!
//! Below them, `entries` is the only file that takes a lock, `expiry` knows which key ends next, and
//! `attempt` lets an update recognise the writes of its own closure.
//!
//! No lock is held while anything of the user's runs: no closure, no conversion, no `Drop`, no waker.

mod store;

mod kind;

mod convert;

mod watch;

mod error;

mod entries;

mod expiry;

mod attempt;

#[cfg(test)]
mod tests;

pub use convert::{FromState, IntoEntry};
pub use error::StateError;
pub use kind::{AsyncFunction, StateType, SyncFunction};
pub use store::SharedState;
pub use watch::Watch;
