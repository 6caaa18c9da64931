//! An empty key would open everything.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { api_key: "" }
}
