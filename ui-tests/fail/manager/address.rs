//! An address has a port.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { bind: "127.0.0.1" }
}
