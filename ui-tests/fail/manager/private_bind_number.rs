//! The second address is more than a port.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { private_bind: 9000 }
}
