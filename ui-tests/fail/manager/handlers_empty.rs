//! To run nothing is no choice.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { handlers: [] }
}
