//! Each has a value.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        bind: ,
        drain,
        max_requests:
    }
}
