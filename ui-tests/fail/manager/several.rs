//! Mistakes in the settings are reported together.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        bind: "nowhere",
        dran: "10s",
        body_limit: "2MB",
        api_key: "",
        state: { "count": 0, "count": 1 },
        provide: 5,
    }
}
