//! A value of the state is set once.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { state: { "count": 0, "count": 1 } }
}
