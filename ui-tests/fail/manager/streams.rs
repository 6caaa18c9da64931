//! At least one stream can be open.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { streams: 0 }
}
