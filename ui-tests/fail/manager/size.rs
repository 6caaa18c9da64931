//! Sizes are counted in powers of two.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { body_limit: "2MB" }
}
