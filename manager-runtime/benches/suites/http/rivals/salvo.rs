//! salvo.

use std::sync::Arc;

use manager_bench::serving;
use salvo::affix_state;
use salvo::concurrency_limiter::max_concurrency;
use salvo::extract::JsonBody;
use salvo::http::header::AUTHORIZATION;
use salvo::http::request::SecureMaxSize;
use salvo::prelude::*;

use crate::site::{self, Site};
use crate::wire::{self, Answered, Asked, BODY_LIMIT, GREETING, IN_FLIGHT, Sum, Total};

/// Runs it on a free port.
pub(crate) fn run() {
    serving::on_tokio(async {
        let mut router = Router::new()
            .hoop(affix_state::inject(Arc::new(Site::new())))
            .hoop(know)
            .hoop(max_concurrency(IN_FLIGHT))
            .hoop(SecureMaxSize(BODY_LIMIT))
            .push(Router::with_path("plain").get(plain))
            .push(Router::with_path("add").post(add))
            .push(Router::with_path("sums").post(sums))
            .push(Router::with_path("shops/{shop}/orders/{order}").get(order))
            .push(Router::with_path("chain").post(chain));
        for path in wire::others() {
            router = router.push(Router::with_path(path.trim_start_matches('/')).get(other));
        }
        let acceptor = TcpListener::new(serving::ANY).bind().await;
        serving::listens(acceptor.local_addr().expect("a bound port has an address"));
        Server::new(acceptor).serve(router).await;
    });
}

fn site(depot: &Depot) -> Result<Arc<Site>, StatusError> {
    let site = depot.get_typed::<Arc<Site>>();
    site.cloned().map_err(|_| StatusError::internal_server_error())
}

#[handler]
async fn know(request: &mut Request, depot: &mut Depot) -> Result<(), StatusError> {
    let key = request.headers().get(AUTHORIZATION).map(|key| key.as_bytes());
    if site(depot)?.knows(key) { Ok(()) } else { Err(StatusError::unauthorized()) }
}

#[handler]
async fn plain(depot: &mut Depot) -> Result<&'static str, StatusError> {
    let site = site(depot)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusError::service_unavailable())?;
    Ok(GREETING)
}

#[handler]
async fn add(asked: JsonBody<Asked>, depot: &mut Depot) -> Result<Json<Answered>, StatusError> {
    let sum = asked.into_inner().sum().ok_or_else(StatusError::not_implemented)?;
    let site = site(depot)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusError::service_unavailable())?;
    Ok(Json(Answered::ok(wire::add(&sum))))
}

#[handler]
async fn sums(sum: JsonBody<Sum>, depot: &mut Depot) -> Result<Json<Total>, StatusError> {
    let site = site(depot)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusError::service_unavailable())?;
    Ok(Json(wire::add(&sum)))
}

#[handler]
async fn order(request: &mut Request, depot: &mut Depot) -> Result<Json<Total>, StatusError> {
    let number = |name| request.param(name).ok_or_else(StatusError::not_found);
    let sum = Sum { a: number("shop")?, b: number("order")? };
    let site = site(depot)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusError::service_unavailable())?;
    Ok(Json(wire::add(&sum)))
}

#[handler]
async fn chain(sum: JsonBody<Sum>, depot: &mut Depot) -> Result<Json<Total>, StatusError> {
    let site = site(depot)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusError::service_unavailable())?;
    Ok(Json(site::first(sum.into_inner()).await))
}

#[handler]
async fn other() {}
