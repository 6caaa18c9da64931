//! A resource is shared between threads.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { provide: [std::cell::Cell::new(5)] }
}
