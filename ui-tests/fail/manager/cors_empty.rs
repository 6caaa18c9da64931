//! Nobody is allowed by leaving it out.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { cors: [] }
}
