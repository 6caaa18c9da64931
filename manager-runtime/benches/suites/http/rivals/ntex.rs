//! ntex.

use std::sync::Arc;

use manager_bench::serving;
use ntex::SharedCfg;
use ntex::http::header::AUTHORIZATION;
use ntex::service::{Middleware, Service, ServiceCtx};
use ntex::web::types::{Json, JsonConfig, Path, State};
use ntex::web::{self, App, HttpResponse, HttpServer, WebRequest, WebResponse};

use crate::site::{self, Site};
use crate::wire::{self, Answered, Asked, BODY_LIMIT, GREETING, Sum};

/// Runs it on a free port, with one worker, which is a thread and a runtime of its own.
pub(crate) fn run() {
    serve().expect("it serves");
}

#[ntex::main]
async fn serve() -> std::io::Result<()> {
    let site = Arc::new(Site::new());
    let listener = std::net::TcpListener::bind(serving::ANY)?;
    serving::listens(listener.local_addr()?);
    let server = HttpServer::new(async move || {
        let mut app = App::new()
            .state(site.clone())
            .state(JsonConfig::default().limit(BODY_LIMIT))
            .middleware(Admission(site.clone()))
            .route("/plain", web::get().to(plain))
            .route("/add", web::post().to(add))
            .route("/sums", web::post().to(sum))
            .route("/shops/{shop}/orders/{order}", web::get().to(order))
            .route("/chain", web::post().to(chain));
        for path in wire::others() {
            app = app.route(&path, web::get().to(other));
        }
        app
    });
    server.workers(1).disable_signals().listen(listener)?.run().await
}

/// The key and the limit.
struct Admission(Arc<Site>);

impl<S> Middleware<S, SharedCfg> for Admission {
    type Service = Admitted<S>;

    fn create(&self, service: S, _: SharedCfg) -> Admitted<S> {
        Admitted { service, site: self.0.clone() }
    }
}

struct Admitted<S> {
    service: S,
    site: Arc<Site>,
}

impl<S, E> Service<WebRequest<E>> for Admitted<S>
where
    S: Service<WebRequest<E>, Response = WebResponse>,
{
    type Response = WebResponse;
    type Error = S::Error;

    ntex::forward_ready!(service);
    ntex::forward_poll!(service);
    ntex::forward_shutdown!(service);

    async fn call(
        &self,
        request: WebRequest<E>,
        ctx: ServiceCtx<'_, Self>,
    ) -> Result<WebResponse, S::Error> {
        if !self.site.knows(request.headers().get(AUTHORIZATION).map(|key| key.as_bytes())) {
            return Ok(request.into_response(HttpResponse::Unauthorized().finish()));
        }
        let Ok(_in_flight) = self.site.in_flight.try_acquire() else {
            return Ok(request.into_response(HttpResponse::ServiceUnavailable().finish()));
        };
        ctx.call(&self.service, request).await
    }
}

type Here = State<Arc<Site>>;

async fn plain(site: Here) -> HttpResponse {
    let Ok(_replica) = site.replicas.acquire().await else { return busy() };
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(GREETING)
}

async fn add(site: Here, asked: Json<Asked>) -> HttpResponse {
    let Some(sum) = asked.into_inner().sum() else {
        return HttpResponse::NotImplemented().finish();
    };
    let Ok(_replica) = site.replicas.acquire().await else { return busy() };
    HttpResponse::Ok().json(&Answered::ok(wire::add(&sum)))
}

async fn sum(site: Here, sum: Json<Sum>) -> HttpResponse {
    let Ok(_replica) = site.replicas.acquire().await else { return busy() };
    HttpResponse::Ok().json(&wire::add(&sum))
}

async fn order(site: Here, path: Path<(i64, i64)>) -> HttpResponse {
    let (a, b) = path.into_inner();
    let Ok(_replica) = site.replicas.acquire().await else { return busy() };
    HttpResponse::Ok().json(&wire::add(&Sum { a, b }))
}

async fn chain(site: Here, sum: Json<Sum>) -> HttpResponse {
    let Ok(_replica) = site.replicas.acquire().await else { return busy() };
    HttpResponse::Ok().json(&site::first(sum.into_inner()).await)
}

async fn other() -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn busy() -> HttpResponse {
    HttpResponse::ServiceUnavailable().finish()
}
