//! A key stands there once.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        cors: "*",
        access_log: true,
        cors: "https://app.example.com",
        access_log: false,
    }
}
