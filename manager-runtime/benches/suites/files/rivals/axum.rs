//! axum, with the file by tower-http or as a stream of what tokio reads, both in pieces of their default size.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use manager_bench::serving;
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use tower_http::services::ServeFile;

/// Runs it on a free port.
pub(crate) fn run(file: PathBuf) {
    serving::on_tokio(async {
        let app = Router::new()
            .route_service("/down", ServeFile::new(&file))
            .route("/read", get(read))
            .route("/up", post(up))
            .with_state(Arc::new(file));
        let listener = serving::bind().await;
        axum::serve(listener, app).await.expect("it serves");
    });
}

async fn read(State(path): State<Arc<PathBuf>>) -> Result<Response, StatusCode> {
    let file = File::open(&*path).await.map_err(|_| StatusCode::NOT_FOUND)?;
    let length = file.metadata().await.map_err(|_| StatusCode::NOT_FOUND)?.len();
    let body = Body::from_stream(ReaderStream::new(file));
    Ok(([(CONTENT_LENGTH, length)], body).into_response())
}

async fn up(body: Body) -> Result<String, StatusCode> {
    let mut count = 0;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        count += piece.map_err(|_| StatusCode::BAD_REQUEST)?.len();
    }
    Ok(count.to_string())
}
