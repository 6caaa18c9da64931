//! The floor: the same work written by hand on hyper.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use manager_bench::serving;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::{TcpListener, TcpStream};

use crate::site::{self, Site};
use crate::wire::{self, Answered, Asked, BODY_LIMIT, COLLECTIONS, GREETING, Sum};

/// Runs it on a free port.
pub(crate) fn run() {
    serving::on_tokio(async {
        let listener = serving::bind().await;
        let site = Arc::new(Site::new());
        // The loop is a task, which the thread that works runs.
        let _ = tokio::spawn(accept(listener, site)).await;
    });
}

async fn accept(listener: TcpListener, site: Arc<Site>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, site.clone()));
    }
}

/// Serves a connection to its end, which its client decides.
async fn connection(stream: TcpStream, site: Arc<Site>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let site = site.clone();
        async move { Ok::<_, Infallible>(answer(&site, request).await) }
    });
    // No method of HTTP/1 begins like the preface of HTTP/2. A preface in pieces does not come up here.
    let mut start = [0; 3];
    let is_http2 = stream.peek(&mut start).await.is_ok() && start == *b"PRI";
    let stream = TokioIo::new(stream);
    let _ = if is_http2 {
        http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
    } else {
        http1::Builder::new().pipeline_flush(true).serve_connection(stream, service).await
    };
}

/// The media types that are answered.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What is said, and what it is.
type Said = Result<(HeaderValue, Bytes), StatusCode>;

async fn answer(site: &Site, request: Request<Incoming>) -> Response<Full<Bytes>> {
    match admit(site, request).await {
        Ok((media, body)) => {
            let mut response = Response::new(Full::new(body));
            response.headers_mut().insert(CONTENT_TYPE, media);
            response
        }
        Err(status) => {
            let mut response = Response::new(Full::default());
            *response.status_mut() = status;
            response
        }
    }
}

/// What every request has to pass.
async fn admit(site: &Site, request: Request<Incoming>) -> Said {
    if !site.knows(request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes)) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let _in_flight = site.in_flight.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    route(site, request).await
}

/// The routes, taken apart by hand.
async fn route(site: &Site, request: Request<Incoming>) -> Said {
    let mut segments = [""; 4];
    let mut count = 0;
    for segment in request.uri().path().split('/').skip(1) {
        *segments.get_mut(count).ok_or(StatusCode::NOT_FOUND)? = segment;
        count += 1;
    }
    let allowed = |method| {
        let is_allowed = request.method() == method;
        is_allowed.then_some(()).ok_or(StatusCode::METHOD_NOT_ALLOWED)
    };
    match segments[..count] {
        ["plain"] => {
            allowed(Method::GET)?;
            plain(site).await
        }
        ["add"] => {
            allowed(Method::POST)?;
            add(site, request).await
        }
        ["sums"] => {
            allowed(Method::POST)?;
            sum(site, request).await
        }
        ["chain"] => {
            allowed(Method::POST)?;
            chain(site, request).await
        }
        ["shops", shop, "orders", order] => {
            allowed(Method::GET)?;
            let number = |text: &str| text.parse().map_err(|_| StatusCode::NOT_FOUND);
            total(site, Sum { a: number(shop)?, b: number(order)? }).await
        }
        [name] | [name, _] | [name, _, "notes"] | [name, _, "notes", _]
            if COLLECTIONS.contains(&name) =>
        {
            allowed(Method::GET)?;
            Ok((TEXT, Bytes::new()))
        }
        _ => Err(StatusCode::NOT_FOUND),
    }
}

async fn plain(site: &Site) -> Said {
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok((TEXT, Bytes::from_static(GREETING.as_bytes())))
}

async fn add(site: &Site, request: Request<Incoming>) -> Said {
    let asked: Asked = read(request).await?;
    let sum = asked.sum().ok_or(StatusCode::NOT_IMPLEMENTED)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    write(&Answered::ok(wire::add(&sum)))
}

async fn sum(site: &Site, request: Request<Incoming>) -> Said {
    let sum = read_json(request).await?;
    total(site, sum).await
}

async fn chain(site: &Site, request: Request<Incoming>) -> Said {
    let sum = read_json(request).await?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    write(&site::first(sum).await)
}

async fn total(site: &Site, sum: Sum) -> Said {
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    write(&wire::add(&sum))
}

/// On a route JSON has to be called so.
async fn read_json<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, StatusCode> {
    if request.headers().get(CONTENT_TYPE) != Some(&JSON) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    read(request).await
}

async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, StatusCode> {
    let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.to_bytes();
    serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)
}

fn write(value: &impl Serialize) -> Said {
    let body = serde_json::to_vec(value).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((JSON, body.into()))
}
