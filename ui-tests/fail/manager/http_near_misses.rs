//! A slip of the pen is met with the word that was meant.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        privat_bind: "127.0.0.1:9000",
        stream: 5,
        acces_log: true,
        compresion: true,
        static_file: { "/assets": "public" },
        layer: [],
        mounts: {},
        core: "*",
    }
}
