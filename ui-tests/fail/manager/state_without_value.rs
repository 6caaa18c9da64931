//! Each has a value.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { state: { "count", "greeting": "hello" } }
}
