//! Who allows everybody names nobody.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { cors: ["*", "https://app.example.com"] }
}
