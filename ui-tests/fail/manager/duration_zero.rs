//! A client gets some time.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { head_timeout: 0 }
}
