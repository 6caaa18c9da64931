//! A directory is text.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { static_files: { "/a": 5, "/b": "", "/c" } }
}
