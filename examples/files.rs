//! Files: one handler takes them in, another gives them back, a third knows of them.

use std::path::PathBuf;
use std::sync::LazyLock;

use manager_runtime::File;
use manager_runtime::prelude::*;
use tokio::io::AsyncWriteExt;

/// Where they lie while this program runs.
static SHELF: LazyLock<PathBuf> = LazyLock::new(|| {
    std::env::temp_dir().join(format!("manager-example-files-{}", std::process::id()))
});

/// `curl -T book.txt -X POST localhost:8080/stream/upload/book.txt`. What comes is written as it comes; an
/// upload that is cut ends the stream with an error, and what there was of it is thrown away.
#[handler(upload)]
async fn upload(mut upload: Upload) -> Result<String> {
    let path = place(upload.name());
    tokio::fs::create_dir_all(&*SHELF).await?;
    let mut file = tokio::fs::File::create(&path).await?;
    let mut length = 0;
    loop {
        match upload.next().await {
            Ok(Some(piece)) => {
                file.write_all(&piece).await?;
                length += piece.len();
            }
            Ok(None) => break,
            Err(error) => {
                tokio::fs::remove_file(&path).await?;
                return Err(error);
            }
        }
    }
    file.flush().await?;
    Ok(format!("{} is here, {length} bytes", upload.name()))
}

/// `curl localhost:8080/stream/download/book.txt`
#[handler(download)]
async fn download(name: String) -> Result<File> {
    File::open(place(&name)).await
}

/// `curl localhost:8080/stream/metadata/book.txt`
#[handler(metadata)]
async fn metadata(name: String) -> Result<Json<u64>> {
    Ok(Json(File::open(place(&name)).await?.length()))
}

/// A name is one segment of a path, and never leads out of the directory.
fn place(name: &str) -> PathBuf {
    SHELF.join(name)
}

fn main() -> ExitCode {
    manager! { upload_limit: "1GiB" }
}
