//! With its unit it is text.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { drain: 30s }
}
