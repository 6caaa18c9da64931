//! A manager inside of an axum program, and a part of that program inside of the manager.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Path};
use axum::routing::get;
use manager_runtime::Peer;
use manager_runtime::prelude::*;
use tokio::net::TcpListener;

#[handler]
async fn greet(ctx: Context, name: String) -> String {
    format!("hello {name} from {}", ctx.source())
}

#[handler(get = "/orders/new")]
async fn new_order() -> &'static str {
    "this one has moved to the manager"
}

/// What was there before; the manager answers more and more of it.
fn old_orders() -> Router {
    Router::new().route("/{id}", get(async |Path(id): Path<u64>| format!("order {id}, as ever")))
}

/// The server is axum's, and so only axum knows who is at the other end.
async fn introduce(
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    mut request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    request.extensions_mut().insert(Peer::new(address));
    next.run(request).await
}

#[tokio::main]
async fn main() -> Result<()> {
    let running =
        Manager::new_default().mount("/orders", old_orders()).without_http().spawn().await?;
    let app = Router::new()
        .route("/", get(async || "an axum program"))
        .nest_service("/api", running.service())
        .layer(axum::middleware::from_fn(introduce));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(interrupted)
        .await?;
    // The port is closed; what is still under way inside comes to its end.
    running.stop().await
}
