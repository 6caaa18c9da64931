//! argan.

use std::sync::Arc;

use argan::data::json::Json;
use argan::http::header::AUTHORIZATION;
use argan::prelude::*;
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto::Builder;
use manager_bench::serving;

use crate::site::{self, Site};
use crate::wire::{self, Answered, Asked, BODY_LIMIT, GREETING, Sum};

/// Runs it on a free port, which is looked for beforehand: argan binds by itself and does not say where.
pub(crate) fn run() {
    serving::on_tokio(async {
        let free = std::net::TcpListener::bind(serving::ANY).expect("a free port");
        let address = free.local_addr().expect("a bound port has an address");
        drop(free);
        let serving = tokio::spawn(async move {
            let server = Server::new(Builder::new(TokioExecutor::new()));
            server.serve(root().into_arc_service(), address).await.expect("it serves");
        });
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        serving::listens(address);
        serving.await.expect("it serves");
    });
}

fn root() -> Resource {
    let site = Arc::new(Site::new());
    let mut root = Resource::new("/");
    let mut at = |path: &str, handler| {
        root.subresource_mut(path).set_handler_for(handler);
    };
    at("/plain", Method::GET.to(plain.with_extension(site.clone())));
    at("/add", Method::POST.to(add.with_extension(site.clone())));
    at("/sums", Method::POST.to(sum.with_extension(site.clone())));
    at("/shops/{shop}/orders/{order}", Method::GET.to(order.with_extension(site.clone())));
    at("/chain", Method::POST.to(chain.with_extension(site.clone())));
    for path in wire::others() {
        at(&path, Method::GET.to(other));
    }
    let admitted = move |handler| Admitted { handler, site: site.clone() };
    root.wrap(RequestReceiver.component_in(admitted));
    root
}

/// A handler behind the key and the limit.
#[derive(Clone)]
struct Admitted<H> {
    handler: H,
    site: Arc<Site>,
}

type Answer = Result<Response, BoxedErrorResponse>;

impl<H> Handler for Admitted<H>
where
    H: Handler<Response = Response, Error = BoxedErrorResponse, Future = BoxedFuture<Answer>>,
{
    type Response = Response;
    type Error = BoxedErrorResponse;
    type Future = BoxedFuture<Answer>;

    fn handle(&self, context: RequestContext, args: Args<'_>) -> BoxedFuture<Answer> {
        let key = context.headers_ref().get(AUTHORIZATION);
        if !self.site.knows(key.map(HeaderValue::as_bytes)) {
            return Box::pin(async { Ok(StatusCode::UNAUTHORIZED.into_response()) });
        }
        let (site, answer) = (self.site.clone(), self.handler.handle(context, args));
        Box::pin(async move {
            let Ok(_in_flight) = site.in_flight.try_acquire() else {
                return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
            };
            answer.await
        })
    }
}

type With = Args<'static, Arc<Site>>;
type Body<T> = Json<T, BODY_LIMIT>;

fn refused(status: StatusCode) -> ResponseError {
    ResponseError::new(status, std::io::Error::other(status.to_string()))
}

async fn plain(args: With) -> ResponseResult {
    let replica = args.handler_extension.replicas.acquire().await;
    let _replica = replica.map_err(|_| refused(StatusCode::SERVICE_UNAVAILABLE))?;
    GREETING.into_response_result()
}

async fn add(Json(asked): Body<Asked>, args: With) -> ResponseResult {
    let sum = asked.sum().ok_or_else(|| refused(StatusCode::NOT_IMPLEMENTED))?;
    let replica = args.handler_extension.replicas.acquire().await;
    let _replica = replica.map_err(|_| refused(StatusCode::SERVICE_UNAVAILABLE))?;
    Json::<_>(Answered::ok(wire::add(&sum))).into_response_result()
}

async fn sum(Json(sum): Body<Sum>, args: With) -> ResponseResult {
    let replica = args.handler_extension.replicas.acquire().await;
    let _replica = replica.map_err(|_| refused(StatusCode::SERVICE_UNAVAILABLE))?;
    Json::<_>(wire::add(&sum)).into_response_result()
}

async fn order(head: RequestHead, args: With) -> ResponseResult {
    let (a, b) = head.path_params_as()?;
    let replica = args.handler_extension.replicas.acquire().await;
    let _replica = replica.map_err(|_| refused(StatusCode::SERVICE_UNAVAILABLE))?;
    Json::<_>(wire::add(&Sum { a, b })).into_response_result()
}

async fn chain(Json(sum): Body<Sum>, args: With) -> ResponseResult {
    let replica = args.handler_extension.replicas.acquire().await;
    let _replica = replica.map_err(|_| refused(StatusCode::SERVICE_UNAVAILABLE))?;
    Json::<_>(site::first(sum).await).into_response_result()
}

async fn other() {}
