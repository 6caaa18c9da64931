//! Services of tower that take our requests.

use std::future::poll_fn;

use bytes::Bytes;
use tower_service::Service;

use crate::body::Body;
use crate::context::BoxFuture;
use crate::error::{BoxError, Error, Result};
use crate::head::{Request, Response};

/// A service that takes our requests.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no service of HTTP requests",
    label = "no tower service, or one that does not fit",
    note = "it takes `http::Request<Body>`, returns an `http::Response` of any body, and is `Clone + Send + 'static`"
)]
pub trait TowerService: Clone + Send + 'static {
    #[doc(hidden)]
    fn ask(self, request: Request) -> BoxFuture<'static, Result<Response>>;
}

#[diagnostic::do_not_recommend]
impl<S, B> TowerService for S
where
    S: Service<Request, Response = http::Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body + Send + 'static,
    B::Data: Into<Bytes>,
    B::Error: Into<BoxError>,
{
    fn ask(mut self, request: Request) -> BoxFuture<'static, Result<Response>> {
        let ours = |error: S::Error| Error::from_boxed(error.into());
        Box::pin(async move {
            poll_fn(|cx| self.poll_ready(cx)).await.map_err(ours)?;
            Ok(self.call(request).await.map_err(ours)?.map(Body::wrap))
        })
    }
}
