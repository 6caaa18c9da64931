//! The state has names.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { state: ["count"] }
}
