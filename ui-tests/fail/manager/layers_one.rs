//! Layers are a list.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! { layers: layer }
}
