//! A crate is named as in a path.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { crates: ["billing"] }
}
