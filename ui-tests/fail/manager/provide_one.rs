//! What is provided is a list.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { provide: String::new() }
}
