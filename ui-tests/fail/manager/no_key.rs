//! A setting begins with its key.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { "127.0.0.1:8080" }
}
