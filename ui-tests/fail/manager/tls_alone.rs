//! A certificate comes with its key.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { tls: { cert: "cert.pem" } }
}
