//! Mistakes in all keys are reported together.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        private_bind: "nowhere",
        streams: -1,
        cors: "app.example.com",
        access_log: 1,
        static_files: { "assets": "public" },
        mount: { "/legacy/": service },
    }
}
