//! The server that is measured.

use std::path::PathBuf;

use manager_bench::serving;
use manager_runtime::prelude::*;
use manager_runtime::{BodyStream, Download};

/// Where the file is. Provided as a resource.
struct Place(PathBuf);

/// A file.
#[handler(get = "/down")]
async fn down(place: Res<Place>) -> Result<Download> {
    Download::open(&place.0).await
}

/// The same by what can only be read.
#[handler(get = "/read")]
async fn read(place: Res<Place>) -> Result<Download> {
    let mut file = tokio::fs::File::open(&place.0).await?;
    file.set_max_buf_size(256 * 1024);
    let length = file.metadata().await?.len();
    Ok(Download::from_reader(file).with_length(length))
}

/// Counts what comes.
#[handler(post = "/up", body_limit = "4GiB", timeout = "5m")]
async fn up(mut body: BodyStream) -> Result<String> {
    let mut count = 0;
    while let Some(piece) = body.next().await? {
        count += piece.len();
    }
    Ok(count.to_string())
}

/// Runs it on a free port.
pub(crate) fn run(file: PathBuf) {
    serving::on_tokio(async {
        let mut manager = Manager::empty();
        manager
            .add::<down>()
            .add::<read>()
            .add::<up>()
            .provide(Place(file))
            .with_bind(serving::ANY);
        let running = manager.spawn().await.expect("the manager starts");
        serving::listens(running.addr());
        std::future::pending().await
    });
}
