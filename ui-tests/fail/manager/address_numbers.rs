//! And numbers that can be.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { bind: "127.0.0.256:8080" }
}
