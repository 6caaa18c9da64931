//! The second address is one, with a port.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { private_bind: "localhost" }
}
