//! A path is text.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { static_files: { assets: "public" } }
}
