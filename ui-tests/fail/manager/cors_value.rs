//! Origins are text.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { cors: [true, 5] }
}
