//! Several keys have names.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { api_keys: ["secret"] }
}
