//! The names in the state are text.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { state: { count: 0 } }
}
