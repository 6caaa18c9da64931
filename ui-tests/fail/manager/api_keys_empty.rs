//! None of which is empty, nor the key.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { api_keys: { "": "secret", "ci": "" } }
}
