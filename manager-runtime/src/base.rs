//! Handlers written by hand, in the shape of the ancestor `manager_handlers`.

use std::future::Future;
use std::sync::Arc;

use crate::error::{BoxError, Error};
use crate::exchange::MultiBus;
use crate::state::SharedState;

/// A handler as an object with text in and text out.
///
/// `#[handler]` is the short way; this trait is for handlers written against `manager_handlers`, and
/// for types that are registered at run time with
/// [`Manager::add_handler`](crate::Manager::add_handler). One value is one replica: it serves one call
/// at a time, so `run` has it by `&mut`.
///
/// ```
/// use std::sync::Arc;
/// use manager_runtime::prelude::*;
/// use manager_runtime::{BoxError, MultiBus};
///
/// struct Echo { bus: Arc<MultiBus>, state: Arc<SharedState>, served: u64 }
///
/// impl Base for Echo {
///     fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
///         Echo { bus, state, served: 0 }
///     }
///     fn get_communication_line(&self) -> Arc<MultiBus> { self.bus.clone() }
///     fn get_shared_state(&self) -> Arc<SharedState> { self.state.clone() }
///
///     async fn run(&mut self, src: String, data: String) -> Result<String, BoxError> {
///         self.served += 1;
///         Ok(format!("{data} from {src}, number {}", self.served))
///     }
/// }
///
/// let mut manager = Manager::new_default();
/// manager.add_handler::<Echo>("echo", 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a hand-written handler",
    label = "no `impl Base`",
    note = "a handler with `#[handler]` is added by its type: `manager.add::<{Self}>()`"
)]
pub trait Base: Sized + Send + 'static {
    /// Makes one replica, at the start and again after one was lost to a panic. It gets the bus and
    /// the state of its manager.
    fn new(communication_line: Arc<MultiBus>, shared_state: Arc<SharedState>) -> Self;

    /// The bus that `new` was given; [`publish`](Self::publish) and [`dispatch`](Self::dispatch)
    /// use it.
    fn get_communication_line(&self) -> Arc<MultiBus>;

    /// The state that `new` was given. [`Base`] shows the field that holds it.
    fn get_shared_state(&self) -> Arc<SharedState>;

    /// A name for logs, by default that of the type. The name that the handler is registered with
    /// by [`Manager::add_handler`](crate::Manager::add_handler) is the one that counts.
    fn get_name(&self) -> String {
        std::any::type_name::<Self>().to_owned()
    }

    /// Serves one call: `src` says who called, as [`Source`](crate::Source) is written, `data` is
    /// the message as text.
    ///
    /// # Errors
    ///
    /// Any error; an [`Error`] keeps its [`Kind`](crate::Kind). Without an implementation every call
    /// is `NotImplemented`.
    fn run(
        &mut self,
        src: String,
        data: String,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        drop((src, data));
        let name = self.get_name();
        async move { Err(Error::not_implemented(format!("`{name}` does not answer messages")).into()) }
    }

    /// Calls the handler `to` with `message` and waits for its reply as text.
    ///
    /// # Errors
    ///
    /// What the other handler returned, or why it did not. It is an [`Error`] in a box, which
    /// [`Error::from_boxed`] takes out again.
    ///
    /// ```
    /// use manager_runtime::{Base, BoxError};
    ///
    /// async fn greet(handler: &impl Base) -> Result<String, BoxError> {
    ///     handler.publish("Ada".to_owned(), "greet".to_owned()).await
    /// }
    /// ```
    fn publish(
        &self,
        message: String,
        to: String,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        // The bus is taken out first, so that the future does not hold the replica itself.
        let bus = self.get_communication_line();
        async move { Ok(bus.publish(to, message).await?.text()?) }
    }

    /// Sends `message` to the handler `to` and does not wait.
    ///
    /// # Errors
    ///
    /// `NotFound` for an unknown name, `BadRequest` or `Unprocessable` if the message does not fit,
    /// `Overloaded` if its queue is full, `ShuttingDown`.
    ///
    /// ```
    /// use manager_runtime::{Base, BoxError};
    ///
    /// async fn note(handler: &impl Base) -> Result<(), BoxError> {
    ///     handler.dispatch("an order was paid".to_owned(), "audit".to_owned()).await
    /// }
    /// ```
    fn dispatch(
        &self,
        message: String,
        to: String,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let bus = self.get_communication_line();
        async move { Ok(bus.dispatch(&to, message).await?) }
    }
}
