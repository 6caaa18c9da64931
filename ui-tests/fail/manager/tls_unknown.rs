//! The keys within `tls` are its own.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { tls: { certificate: "cert.pem", key: 5, dev: "yes" } }
}
