//! The settings have the rules of the options.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        rate: "100/day",
        burst: 0,
        api_keys_file: 5,
    }
}
