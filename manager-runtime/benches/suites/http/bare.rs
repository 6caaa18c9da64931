//! The floor: the same work written by hand on hyper.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::wire::{self, Answered, Asked, BODY_LIMIT, IN_FLIGHT, KEY, Kind, REPLICAS, Sum, Total};

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
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let site = site.clone();
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let service = service_fn(move |request| {
                    let site = site.clone();
                    async move { Ok::<_, Infallible>(answer(&site, request).await) }
                });
                let connection = http1::Builder::new()
                    .pipeline_flush(true)
                    .serve_connection(TokioIo::new(stream), service);
                // The client ended it.
                let _ = connection.await;
            });
        }
    });
    address
}

async fn answer(site: &Site, request: Request<Incoming>) -> Response<Full<Bytes>> {
    match add(site, request).await {
        Ok(body) => {
            let mut response = Response::new(Full::new(body));
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(CONTENT_TYPE, json);
            response
        }
        Err(status) => {
            let mut response = Response::new(Full::default());
            *response.status_mut() = status;
            response
        }
    }
}

async fn add(site: &Site, request: Request<Incoming>) -> Result<Bytes, StatusCode> {
    let key = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if key != Some(site.key.as_bytes()) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    match request.uri().path() {
        "/add" => {}
        "/sums" => return sum(site, request).await,
        path => return order(site, &request, path).await,
    }
    if request.method() != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let _in_flight = site.in_flight.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.to_bytes();
    let asked: Asked =
        serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    if asked.kind != Kind::Request {
        return Err(StatusCode::NOT_IMPLEMENTED);
    }
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let answered = Answered { status: "Ok", message: wire::add(&asked.data) };
    let body = serde_json::to_vec(&answered).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(body.into())
}

/// JSON in, JSON out, without anything around it.
async fn sum(site: &Site, request: Request<Incoming>) -> Result<Bytes, StatusCode> {
    if request.method() != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let json = HeaderValue::from_static("application/json");
    if request.headers().get(CONTENT_TYPE) != Some(&json) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let _in_flight = site.in_flight.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.to_bytes();
    let sum = serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    write(&wire::add(&sum))
}

/// `/shops/{shop}/orders/{order}`, taken apart by hand.
async fn order(site: &Site, request: &Request<Incoming>, path: &str) -> Result<Bytes, StatusCode> {
    let mut segments = path.split('/').skip(1);
    let mut number = |before: &str| {
        segments.next().filter(|segment| *segment == before)?;
        segments.next()?.parse().ok()
    };
    let (Some(a), Some(b)) = (number("shops"), number("orders")) else {
        return Err(StatusCode::NOT_FOUND);
    };
    if request.method() != Method::GET {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let _in_flight = site.in_flight.try_acquire().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let _replica = site.replicas.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    write(&wire::add(&Sum { a, b }))
}

fn write(total: &Total) -> Result<Bytes, StatusCode> {
    let body = serde_json::to_vec(total).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(body.into())
}
