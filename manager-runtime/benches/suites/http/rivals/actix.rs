//! actix-web.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorNotImplemented, ErrorServiceUnavailable, ErrorUnauthorized};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::{Next, from_fn};
use actix_web::rt::System;
use actix_web::web::{self, Data, Json, JsonConfig, Path};
use actix_web::{App, HttpResponse, HttpServer, Result};
use manager_bench::serving;

use crate::site::{self, Site};
use crate::wire::{self, Answered, Asked, BODY_LIMIT, GREETING, Sum, Total};

/// Runs it on a free port, with one worker, which is a thread and a runtime of its own.
pub(crate) fn run() {
    let site = Data::new(Site::new());
    System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let mut app = App::new()
                .app_data(site.clone())
                .app_data(JsonConfig::default().limit(BODY_LIMIT))
                .wrap(from_fn(admit))
                .route("/plain", web::get().to(plain))
                .route("/add", web::post().to(add))
                .route("/sums", web::post().to(sum))
                .route("/shops/{shop}/orders/{order}", web::get().to(order))
                .route("/chain", web::post().to(chain));
            for path in wire::others() {
                app = app.route(&path, web::get().to(HttpResponse::Ok));
            }
            app
        });
        let server = server.workers(1).tcp_nodelay(true).disable_signals();
        let server = server.bind_auto_h2c(serving::ANY).expect("a free port");
        serving::listens(server.addrs()[0]);
        server.run().await.expect("it serves");
    });
}

async fn admit(
    site: Data<Site>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>> {
    if !site.knows(request.headers().get(AUTHORIZATION).map(|key| key.as_bytes())) {
        return Err(ErrorUnauthorized("who is that?"));
    }
    let _in_flight = site.in_flight.try_acquire().map_err(ErrorServiceUnavailable)?;
    next.call(request).await
}

async fn plain(site: Data<Site>) -> Result<&'static str> {
    let _replica = site.replicas.acquire().await.map_err(ErrorServiceUnavailable)?;
    Ok(GREETING)
}

async fn add(site: Data<Site>, asked: Json<Asked>) -> Result<Json<Answered>> {
    let sum = asked.into_inner().sum().ok_or_else(|| ErrorNotImplemented("no request"))?;
    let _replica = site.replicas.acquire().await.map_err(ErrorServiceUnavailable)?;
    Ok(Json(Answered::ok(wire::add(&sum))))
}

async fn sum(site: Data<Site>, sum: Json<Sum>) -> Result<Json<Total>> {
    let _replica = site.replicas.acquire().await.map_err(ErrorServiceUnavailable)?;
    Ok(Json(wire::add(&sum)))
}

async fn order(site: Data<Site>, path: Path<(i64, i64)>) -> Result<Json<Total>> {
    let (a, b) = path.into_inner();
    let _replica = site.replicas.acquire().await.map_err(ErrorServiceUnavailable)?;
    Ok(Json(wire::add(&Sum { a, b })))
}

async fn chain(site: Data<Site>, sum: Json<Sum>) -> Result<Json<Total>> {
    let _replica = site.replicas.acquire().await.map_err(ErrorServiceUnavailable)?;
    Ok(Json(site::first(sum.into_inner()).await))
}
