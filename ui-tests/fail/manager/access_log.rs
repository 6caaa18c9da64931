//! Requests are logged or not.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { access_log: "yes" }
}
