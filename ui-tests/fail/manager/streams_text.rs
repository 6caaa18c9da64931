//! A number stands without quotes.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { streams: "1_000" }
}
