//! The command line of a binary that is a service.
//!
//! ```text
//! manager! -> Program -> run -> args -> serve | routes | call | check | upload | download
//!             what the          what the
//!             program says      command line says
//! ```
//!
//! [`program`] collects what `manager!` says, [`args`] reads the command line, [`layers`] puts both, the
//! file and the environment on top of each other. Then one module for each command. [`service`] is how
//! commands reach a running one: [`client`] for `call`, [`upload`] with [`source`] and [`tus`], and [`download`];
//! both compare with what the service has [`told`], go on by [`effort`] and show how far they are by [`progress`]. [`log`] and [`terminal`] are what all of them speak through. A
//! command is only a way to reach handlers: nothing here runs one by itself.

mod program;

mod run;

mod args;

mod layers;

mod serve;

mod routes;

mod call;

mod client;

mod check;

mod upload;

mod tus;

mod source;

mod download;

mod told;

mod effort;

mod progress;

mod service;

mod table;

mod json;

mod log;

mod supervisor;
mod terminal;

mod tree;

pub use program::{IntoState, Program};
pub use run::run;
