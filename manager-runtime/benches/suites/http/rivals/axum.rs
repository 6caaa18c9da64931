//! axum.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header::AUTHORIZATION};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use manager_bench::serving;

use crate::site::{self, Site};
use crate::wire::{self, Answered, Asked, BODY_LIMIT, GREETING, Sum, Total};

/// Runs it on a free port.
pub(crate) fn run() {
    serving::on_tokio(async {
        let site = Arc::new(Site::new());
        let mut app = Router::new()
            .route("/plain", get(plain))
            .route("/add", post(add))
            .route("/sums", post(sum))
            .route("/shops/{shop}/orders/{order}", get(order))
            .route("/chain", post(chain));
        for path in wire::others() {
            app = app.route(&path, get(other));
        }
        let app = app
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(middleware::from_fn_with_state(site.clone(), admit))
            .with_state(site);
        let listener = serving::bind().await.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app).await.expect("it serves");
    });
}

async fn admit(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    if !site.knows(request.headers().get(AUTHORIZATION).map(|key| key.as_bytes())) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let _in_flight = site.in_flight.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(next.run(request).await)
}

type Said<T> = Result<T, StatusCode>;

async fn plain(State(site): State<Arc<Site>>) -> Said<&'static str> {
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(GREETING)
}

async fn add(State(site): State<Arc<Site>>, Json(asked): Json<Asked>) -> Said<Json<Answered>> {
    let sum = asked.sum().ok_or(StatusCode::NOT_IMPLEMENTED)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(Answered::ok(wire::add(&sum))))
}

async fn sum(State(site): State<Arc<Site>>, Json(sum): Json<Sum>) -> Said<Json<Total>> {
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(wire::add(&sum)))
}

async fn order(State(site): State<Arc<Site>>, Path((a, b)): Path<(i64, i64)>) -> Said<Json<Total>> {
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(wire::add(&Sum { a, b })))
}

async fn chain(State(site): State<Arc<Site>>, Json(sum): Json<Sum>) -> Said<Json<Total>> {
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(site::first(sum).await))
}

async fn other() {}
