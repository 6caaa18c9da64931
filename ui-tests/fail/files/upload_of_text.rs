//! What is uploaded comes as an `Upload`, and not as a whole.

use manager_runtime::prelude::*;

#[handler(upload)]
async fn photos(photo: Bytes) -> String {
    photo.len().to_string()
}

fn main() {}
