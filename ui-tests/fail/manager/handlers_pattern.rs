//! Which is made of what names are made of.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { handlers: ["add", "Billing.*", 5] }
}
