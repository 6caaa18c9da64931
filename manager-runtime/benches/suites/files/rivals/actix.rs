//! actix-web, with the file by actix-files.

use std::path::PathBuf;

use actix_files::NamedFile;
use actix_web::rt::System;
use actix_web::web::{self, Data, Payload};
use actix_web::{App, HttpServer, Result};
use futures_util::StreamExt;
use manager_bench::serving;

/// Runs it on a free port, with one worker, which is a thread and a runtime of its own.
pub(crate) fn run(file: PathBuf) {
    let file = Data::new(file);
    System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(file.clone())
                .route("/down", web::get().to(down))
                .route("/up", web::post().to(up))
        });
        let server = server.workers(1).disable_signals().bind(serving::ANY).expect("a free port");
        serving::listens(server.addrs()[0]);
        server.run().await.expect("it serves");
    });
}

async fn down(file: Data<PathBuf>) -> Result<NamedFile> {
    Ok(NamedFile::open_async(&**file).await?)
}

async fn up(mut body: Payload) -> Result<String> {
    let mut count = 0;
    while let Some(piece) = body.next().await {
        count += piece?.len();
    }
    Ok(count.to_string())
}
