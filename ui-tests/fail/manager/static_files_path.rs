//! What files stand below is a prefix of whole segments.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        static_files: {
            "assets": "public",
            "/assets/": "public",
            "/größe/{id}": "public",
            "/images/*": "public",
            "": "public",
        },
    }
}
