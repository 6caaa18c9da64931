//! The command line of a binary that is a service.
//!
//! ```text
//! manager! -> Program -> run -> args -> serve | routes | call | check
//!             what the          what the
//!             program says      command line says
//! ```
//!
//! [`program`] collects what `manager!` says, [`args`] reads the command line, [`layers`] puts both, the
//! file and the environment on top of each other. Then one module for each command; [`client`] is how
//! `call` reaches a running service. [`log`] and [`terminal`] are what all of them speak through. A
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

mod table;

mod json;

mod log;

mod terminal;
mod tree;

pub use program::{IntoState, Program};
pub use run::run;
