//! Layers around handlers.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use http::StatusCode;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::Body;
use crate::context::{BoxFuture, Context};
use crate::error::{BoxError, Error, Result};
use crate::head::{Request, Response};
use crate::middleware::{Layered, Next, Wrap};
use crate::tower::service::TowerService;
use crate::tower::short_name;

/// A layer that can stand around handlers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand around a handler",
    label = "no tower layer, or one that does not fit",
    note = "its service takes `http::Request<Body>`, returns an `http::Response` of any body, and is `Clone + Send + 'static`"
)]
pub trait TowerLayer: Send + 'static {
    #[doc(hidden)]
    type Service: TowerService;

    #[doc(hidden)]
    fn apply(&self) -> Self::Service;
}

#[diagnostic::do_not_recommend]
impl<L> TowerLayer for L
where
    L: Layer<Inner> + Send + 'static,
    L::Service: TowerService,
{
    type Service = L::Service;

    fn apply(&self) -> L::Service {
        self.layer(Inner)
    }
}

/// Makes a middleware of a layer. It is applied when the manager starts, inside of its runtime.
pub fn tower_layer<L: TowerLayer>(layer: L) -> Layered {
    let applied = Mutex::new(Applied { layer, service: None });
    Layered::new(short_name::<L>(), Arc::new(Tower(applied)), |_| {})
}

/// A mutex, because a service has to be `Send` and need not be `Sync`. It is held for a clone.
struct Tower<L: TowerLayer>(Mutex<Applied<L>>);

struct Applied<L: TowerLayer> {
    layer: L,
    service: Option<L::Service>,
}

impl<L: TowerLayer> Tower<L> {
    fn service(&self) -> L::Service {
        let mut applied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Applied { layer, service } = &mut *applied;
        service.get_or_insert_with(|| layer.apply()).clone()
    }
}

impl<L: TowerLayer> Wrap for Tower<L> {
    fn start(&self) {
        drop(self.service());
    }

    fn call(
        &self,
        _: Context,
        mut request: Request,
        next: Next,
    ) -> BoxFuture<'static, Result<Response>> {
        request.extensions_mut().insert(Carried(next));
        let answer = self.service().ask(request);
        Box::pin(async move {
            let mut response = answer.await?;
            match response.extensions_mut().remove::<Lost>() {
                None => Ok(response),
                Some(Lost) => Err(Error::internal(
                    "a layer passed on a request of its own making, without the extensions of the \
                     one that it was given",
                )),
            }
        })
    }
}

/// What comes after a layer, on its way through the layer.
#[derive(Clone)]
struct Carried(Next);

/// Says that a request came without.
#[derive(Clone)]
struct Lost;

/// The service that every layer is applied to: what comes after the layer, which each request carries.
#[derive(Clone, Copy, Debug)]
pub struct Inner;

impl<B> Service<http::Request<B>> for Inner
where
    B: http_body::Body + Send + 'static,
    B::Data: Into<Bytes>,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        // Admission is the handler's: it has replicas and a queue.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let mut request = request.map(Body::wrap);
        match request.extensions_mut().remove::<Carried>() {
            Some(Carried(next)) => {
                let response = next.settle(request);
                Box::pin(async move { Ok(response.await) })
            }
            None => {
                // Only the layer sees this response: outside of it the mark becomes an error.
                let mut response = Response::default();
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response.extensions_mut().insert(Lost);
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}
