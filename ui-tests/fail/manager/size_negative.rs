//! And from one on.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { body_limit: -1 }
}
