//! An origin stands there once.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { cors: ["https://app.example.com", "https://app.example.com"] }
}
