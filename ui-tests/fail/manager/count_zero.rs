//! Without connections nobody is served.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { connections: 0 }
}
