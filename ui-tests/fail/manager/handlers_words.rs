//! Handlers are named by text.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { handlers: "add" }
}
