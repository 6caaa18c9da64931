//! Each key stands once.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        drain: "10s",
        bind: "127.0.0.1:8080",
        drain: "20s",
    }
}
