//! axum doing the same, as its documentation would have it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header::AUTHORIZATION};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::wire::{self, Answered, Asked, BODY_LIMIT, IN_FLIGHT, KEY, REPLICAS};

struct Site {
    key: String,
    in_flight: Semaphore,
    replicas: Semaphore,
}

/// Starts it on a free port; it ends with the process.
pub(crate) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound port has an address");
    let site = Arc::new(Site {
        key: format!("Bearer {KEY}"),
        in_flight: Semaphore::new(IN_FLIGHT),
        replicas: Semaphore::new(REPLICAS),
    });
    let app = Router::new()
        .route("/add", post(add))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(site.clone(), admit))
        .with_state(site);
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn admit(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    let key = request.headers().get(AUTHORIZATION).map(|key| key.as_bytes());
    if key != Some(site.key.as_bytes()) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let _in_flight = site.in_flight.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(next.run(request).await)
}

async fn add(
    State(site): State<Arc<Site>>,
    Json(asked): Json<Asked>,
) -> Result<Json<Answered>, StatusCode> {
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(Answered { status: "Ok", message: wire::add(&asked.data) }))
}
