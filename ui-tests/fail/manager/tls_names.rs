//! Names say something only of what somebody has signed, and no name lets nobody in.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        tls: {
            cert: "cert.pem",
            key: "key.pem",
            allowed_names: [],
        }
    }
}
