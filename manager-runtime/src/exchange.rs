//! The bus as handlers see it: names and types in, replies out. How a call finds its replica stands in
//! `bus` and `replica`, which implement what is asked for here.

use std::any::{Any, TypeId};
use std::sync::Arc;
use std::time::Duration;

use crate::context::{BoxFuture, Frame, Origin, Publish, Resource, Sending, Trace, of_current};
use crate::error::{Error, Result};
use crate::handler::{Answer, Handler, Request};
use crate::message::{IntoPayload, Payload, Reply};

/// Finds a handler by name and delivers a call to one of its replicas.
///
/// A handler with a [`Context`](crate::Context) calls through that; the bus itself is what a
/// hand-written [`Base`](crate::Base) holds.
///
/// ```
/// use std::sync::Arc;
/// use manager_runtime::MultiBus;
///
/// # async fn example(bus: Arc<MultiBus>) -> manager_runtime::Result<()> {
/// let reply = bus.publish("add", r#"{"a":1,"b":2}"#).await?.text()?;
/// bus.dispatch("audit", "added").await?;
/// # Ok(()) }
/// ```
pub struct MultiBus {
    exchange: Box<dyn Exchange>,
}

impl MultiBus {
    pub(crate) fn new(exchange: Box<dyn Exchange>) -> Self {
        MultiBus { exchange }
    }

    /// Calls the handler with this name and waits for its reply. The handler's own timeout is the
    /// limit; [`Publish::timeout`] sets another one.
    ///
    /// # Errors
    ///
    /// `NotFound` for an unknown name, `BadRequest` or `Unprocessable` if the payload does not fit
    /// the handler's message, and whatever ends a call: see [`Kind`](crate::Kind).
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn length(text: String) -> Json<usize> { Json(text.len()) }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<length>().without_http().spawn().await?;
    /// # let bus = running.context().bus();
    /// assert_eq!(bus.publish("length", "four").await?.text()?, "4");
    /// # running.stop().await
    /// # }
    /// ```
    pub fn publish(&self, name: impl Into<String>, payload: impl IntoPayload) -> Publish<'_> {
        let origin = of_current(|frame| Origin::Called(frame.clone())).unwrap_or(Origin::Program);
        Publish::new(self, origin, name.into(), payload.into_payload())
    }

    /// Sends a payload to the handler with this name and does not wait for its reply.
    ///
    /// # Errors
    ///
    /// `NotFound` for an unknown name, `BadRequest` or `Unprocessable` if the payload does not fit
    /// the handler's message, `Overloaded` if its queue is full, `ShuttingDown`.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler] async fn audit(what: String) { drop(what) }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<audit>().without_http().spawn().await?;
    /// # let bus = running.context().bus();
    /// bus.dispatch("audit", "an order was paid").await?;
    /// # running.stop().await
    /// # }
    /// ```
    pub fn dispatch<'a>(
        &'a self,
        name: &'a str,
        payload: impl IntoPayload,
    ) -> Sending<(&'a Self, &'a str, Payload)> {
        Sending::new((self, name, payload.into_payload()), |(bus, name, payload)| {
            let origin =
                of_current(|frame| Origin::Dispatched(frame.sender())).unwrap_or(Origin::Program);
            bus.exchange.dispatch(name, payload, origin)
        })
    }

    /// Tells every handler that subscribes to the topic and returns how many there are. What a
    /// topic is stands at [`Context::emit`](crate::Context::emit).
    ///
    /// # Errors
    ///
    /// `BadRequest` for something that is no topic, `ShuttingDown`, `Internal` if the payload
    /// cannot be written as JSON.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    /// # #[handler(on = "orders.*")] async fn watcher(order: String) { drop(order) }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let running = Manager::empty().add::<watcher>().without_http().spawn().await?;
    /// # let bus = running.context().bus();
    /// assert_eq!(bus.emit("orders.paid", "order 7").await?, 1);
    /// # running.stop().await
    /// # }
    /// ```
    pub fn emit<'a>(
        &'a self,
        topic: &'a str,
        payload: impl IntoPayload,
    ) -> Sending<(&'a Self, &'a str, Payload), usize> {
        Sending::new((self, topic, payload.into_payload()), |(bus, topic, payload)| {
            let trace = of_current(|frame| frame.trace().clone());
            bus.exchange.emit(topic, payload, trace)
        })
    }

    pub(crate) fn exchange(&self) -> &dyn Exchange {
        &*self.exchange
    }

    /// Where typed calls of `H` go.
    pub(crate) fn target<H: Handler>(&self) -> Result<&dyn Target<H>> {
        let target = self.exchange.typed(H::key().get());
        match target.and_then(|target| target.downcast_ref::<Box<dyn Target<H>>>()) {
            Some(target) => Ok(&**target),
            None => Err(unknown(H::SPEC.name)),
        }
    }
}

impl std::fmt::Debug for MultiBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MultiBus").finish_non_exhaustive()
    }
}

/// What the contract asks of the bus behind it.
pub(crate) trait Exchange: Send + Sync + 'static {
    /// Calls by name. The name is looked up before the future is made.
    fn call<'a>(
        &'a self,
        name: &str,
        payload: Payload,
        origin: Origin,
        timeout: Option<Duration>,
    ) -> BoxFuture<'a, Result<Reply>>;

    fn dispatch(&self, name: &str, payload: Payload, origin: Origin) -> Result<()>;

    fn emit(&self, topic: &str, payload: Payload, trace: Option<Arc<Trace>>) -> Result<usize>;

    /// The `Box<dyn Target<H>>` of the handler with this key.
    fn typed(&self, key: usize) -> Option<&(dyn Any + Send + Sync)>;

    fn resource(&self, id: TypeId) -> Option<&Resource>;
}

/// The error for a name that nobody has.
pub(crate) fn unknown(name: &str) -> Error {
    Error::not_found(format!("Handler not found: {name}"))
}

/// Where typed calls of one handler go.
pub(crate) trait Target<H: Handler>: Send + Sync {
    fn call<'a>(
        &'a self,
        request: Request<H>,
        caller: &'a Arc<Frame>,
        timeout: Option<Duration>,
    ) -> BoxFuture<'a, Result<Answer<H>>>;

    fn send(&self, request: Request<H>, origin: Origin) -> Result<()>;
}
