//! From the command line to a command, and from its end to an exit status.

use std::ffi::OsString;
use std::process::ExitCode;

use tokio::runtime::{Handle, Runtime};

use super::args::{self, Action, Arguments};
use super::layers::layers;
use super::program::Program;
use super::{call, check, download, routes, serve, terminal, upload};
use crate::manager::NoStart;

/// How a command ended, as the shell reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status(pub(super) u8);

impl Status {
    pub(super) const CLEAN: Status = Status(0);
    pub(super) const FAILED: Status = Status(1);
    pub(super) const USAGE: Status = Status(2);
    pub(super) const CUT: Status = Status(3);
}

/// Runs the program as its command line says, in a runtime of its own.
pub fn run(program: Program) -> ExitCode {
    ExitCode::from(run_with(program, std::env::args_os()).0)
}

fn run_with(program: Program, arguments: impl IntoIterator<Item = OsString>) -> Status {
    // A runtime cannot be started in another one; tokio would panic, in words about itself.
    if Handle::try_current().is_ok() {
        terminal::error(
            "manager!() starts its own runtime and was called inside another one; let `main` be a \
             plain `fn main() -> ExitCode`, or use `Manager::new_default().spawn().await`",
        );
        return Status::FAILED;
    }
    let Arguments { action, loudness, flags } = match args::read(&program, arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A reader that went away is no reason to fail.
            let _ = error.print();
            return if error.use_stderr() { Status::USAGE } else { Status::CLEAN };
        }
    };
    let parts = program.into_parts();
    match action {
        Action::Serve => serve::run(parts, layers(flags), loudness),
        Action::Routes { json } => routes::run(parts, layers(flags), json),
        Action::Call(order) => call::run(parts, layers(flags), loudness, order),
        Action::Check => check::run(parts, layers(flags)),
        Action::Upload(order) => upload::run(order, loudness),
        Action::Download(order) => download::run(order, loudness),
    }
}

/// Runs a command in a runtime. Whatever still runs at its end, a thread that blocks too, is left
/// behind: the process ends with the command.
pub(super) fn in_runtime(command: impl Future<Output = Status>) -> Status {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => in_this(runtime, command),
        Err(error) => {
            terminal::error(&format!("the runtime cannot start: {error}"));
            Status::FAILED
        }
    }
}

fn in_this(runtime: Runtime, command: impl Future<Output = Status>) -> Status {
    let status = runtime.block_on(command);
    runtime.shutdown_background();
    status
}

/// Says why there is no start, one line for each finding.
pub(super) fn refuse(why: &NoStart) -> Status {
    for finding in why.findings() {
        terminal::error(finding);
    }
    match why {
        NoStart::Usage(_) => Status::USAGE,
        NoStart::Failed(_) => Status::FAILED,
    }
}
