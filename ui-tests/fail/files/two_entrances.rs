//! A function is one way for files.

use manager_runtime::prelude::*;

#[handler(upload, download)]
async fn photos(upload: Upload) -> String {
    upload.name().to_owned()
}

fn main() {}
