//! Uploads are bounded by a setting.

use manager_runtime::prelude::*;

#[handler(upload, replicas = 5)]
async fn photos(upload: Upload) -> String {
    upload.name().to_owned()
}

fn main() {}
