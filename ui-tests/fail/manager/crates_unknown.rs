//! And has to be a dependency.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { crates: [billing] }
}
