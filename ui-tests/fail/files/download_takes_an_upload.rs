//! A download has a name and no content.

use manager_runtime::prelude::*;

#[handler(download)]
async fn photos(photo: Upload) -> String {
    photo.name().to_owned()
}

fn main() {}
