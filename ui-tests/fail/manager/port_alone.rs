//! A number is no address.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { bind: 8080 }
}
