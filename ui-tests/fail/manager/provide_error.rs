//! What fails to be provided says so with an error.

use manager_runtime::prelude::*;

fn pool() -> Result<String, u32> {
    Err(5)
}

fn main() -> ExitCode {
    manager! { provide: [pool()?] }
}
