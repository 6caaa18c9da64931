//! And a port that can be.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { bind: "localhost:80800" }
}
