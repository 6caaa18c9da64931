//! A count is a number.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { max_requests: "many" }
}
