//! Below a path stands one thing.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        static_files: { "/a": "public", "/a": "images" },
        mount: { "/b": service, "/b": service, "/a": service },
    }
}
