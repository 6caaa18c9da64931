//! The sources of the settings that lie outside of the program.

use std::path::Path;

use crate::config::{Layer, Layers};

/// The flags that were given, each as its name and its text.
pub(super) type Flags = Vec<(String, String)>;

/// Reads `manager.toml` of the current directory and the environment, and puts the flags over them. What
/// the program says comes below all of it, when the manager is planned.
pub(super) fn layers(flags: Flags) -> Layers {
    Layers {
        program: Layer::default(),
        file: Layer::from_file(Path::new("manager.toml")),
        environment: Layer::from_environment(std::env::vars_os()),
        flags: Layer::from_flags(flags),
    }
}
