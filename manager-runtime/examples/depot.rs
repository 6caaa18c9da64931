//! What `tests/cli` runs: a service whose files are a matter of its own handlers.

#![allow(missing_docs, reason = "a program for tests")]

use manager_runtime::{File, prelude::*};

/// Writes what comes into a file, here.
#[handler(upload)]
async fn upload(mut upload: Upload) -> Result<()> {
    let mut content = Vec::new();
    while let Some(piece) = upload.next().await? {
        content.extend_from_slice(&piece);
    }
    Ok(std::fs::write(format!("kept-{}", upload.name()), content)?)
}

#[handler(download)]
async fn download(name: String) -> Result<File> {
    File::open(format!("kept-{name}")).await
}

fn main() -> ExitCode {
    manager! { upload_limit: "1MiB" }
}
