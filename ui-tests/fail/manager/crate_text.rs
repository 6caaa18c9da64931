//! The runtime is found by a path.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { crate: 5 }
}
