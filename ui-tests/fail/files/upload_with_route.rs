//! A function for files has its path.

use manager_runtime::prelude::*;

#[handler(upload, post = "/photos")]
async fn photos(upload: Upload) -> String {
    upload.name().to_owned()
}

fn main() {}
