//! Services stand below paths.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { mount: [service] }
}
