//! Settings are separated by commas.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        bind: "127.0.0.1:8080"
        drain: "10s"
    }
}
