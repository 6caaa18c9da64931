//! A key is text.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { api_key: 12345 }
}
