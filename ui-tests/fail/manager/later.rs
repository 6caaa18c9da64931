//! Settings of later versions are unknown.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        tls: { cert: "cert.pem", key: "key.pem" },
        files: "public",
    }
}
