//! A slip of the pen is met with the word that was meant.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        bnd: "127.0.0.1:8080",
        api_kye: "secret",
        max_request: 10,
        keepalive: "75s",
        drian: "30s",
        provides: [5],
        crate_: manager_runtime,
    }
}
