//! And none of which stands twice.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { api_keys: { "ci": "secret", "ci": "other" } }
}
