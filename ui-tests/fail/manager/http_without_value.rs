//! Each key says what its value looks like.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    manager! {
        private_bind,
        streams: ,
        cors,
        access_log: ,
        compression,
        static_files: ,
        layers,
        mount: ,
    }
}
