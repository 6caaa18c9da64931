//! A directory stands below a path.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { static_files: "public" }
}
