//! Handlers written by hand, in the shape of the ancestor `manager_handlers`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::AsyncRead;

use crate::error::{BoxError, Error, Result as OurResult};
use crate::exchange::MultiBus;
use crate::state::SharedState;

/// A handler as an object with text in and text out.
///
/// `#[handler]` is the short way; this trait is for handlers written against `manager_handlers`, and
/// for types that are registered at run time with
/// [`Manager::add_handler`](crate::Manager::add_handler). One value is one replica: it serves one call
/// at a time, so `run` has it by `&mut`. Files come in and go out by `run_stream`, `run_file` and
/// `run_metadata`.
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

    /// Takes a file that a client uploads, at `POST /{name}/upload/{file}`: `stream` is its content, `size`
    /// how long the client says that it is (0 if it does not say), `file_name` is one segment of a path. The
    /// stream ends with an error if the client does not send all of it; [`Upload`](crate::Upload) says more.
    ///
    /// The replica is none of those that `run` has: an upload takes as long as the client does.
    ///
    /// # Errors
    ///
    /// As for [`run`](Self::run).
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use std::pin::Pin;
    /// use futures_util::{Stream, StreamExt};
    /// # use manager_runtime::{Base, MultiBus, SharedState};
    /// use manager_runtime::{BoxError, Bytes, Result};
    ///
    /// # struct Counts { bus: Arc<MultiBus>, state: Arc<SharedState> }
    /// impl Base for Counts {
    ///     async fn run_stream(
    ///         &mut self,
    ///         _src: String,
    ///         mut stream: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
    ///         file_name: String,
    ///         _size: usize,
    ///     ) -> Result<String, BoxError> {
    ///         let mut length = 0;
    ///         while let Some(piece) = stream.next().await {
    ///             length += piece?.len();
    ///         }
    ///         Ok(format!("{file_name}: {length}"))
    ///     }
    /// #   fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self { Counts { bus, state } }
    /// #   fn get_communication_line(&self) -> Arc<MultiBus> { self.bus.clone() }
    /// #   fn get_shared_state(&self) -> Arc<SharedState> { self.state.clone() }
    /// }
    /// ```
    fn run_stream(
        &mut self,
        src: String,
        stream: Pin<Box<dyn Stream<Item = OurResult<Bytes>> + Send>>,
        file_name: String,
        size: usize,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        drop((src, stream, file_name, size));
        let name = self.get_name();
        async move { Err(Error::not_implemented(format!("`{name}` takes no files")).into()) }
    }

    /// Gives a file to a client, at `GET /{name}/download/{file}`: a reader, and how many bytes of it are to
    /// be sent. A reader that ends before that cuts the connection, so that nobody takes the part for the
    /// whole. The replica is free as soon as this returns.
    ///
    /// # Errors
    ///
    /// As for [`run`](Self::run).
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use manager_runtime::{Base, MultiBus, SharedState};
    /// use manager_runtime::BoxError;
    /// use tokio::io::AsyncRead;
    ///
    /// # struct Terms { bus: Arc<MultiBus>, state: Arc<SharedState> }
    /// impl Base for Terms {
    ///     async fn run_file(
    ///         &mut self,
    ///         _src: String,
    ///         _filename: String,
    ///     ) -> Result<(Box<dyn AsyncRead + Send + Unpin>, u64), BoxError> {
    ///         let terms = "Pay at once.".as_bytes();
    ///         Ok((Box::new(terms), terms.len() as u64))
    ///     }
    /// #   fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self { Terms { bus, state } }
    /// #   fn get_communication_line(&self) -> Arc<MultiBus> { self.bus.clone() }
    /// #   fn get_shared_state(&self) -> Arc<SharedState> { self.state.clone() }
    /// }
    /// ```
    fn run_file(
        &mut self,
        src: String,
        filename: String,
    ) -> impl Future<Output = Result<(Box<dyn AsyncRead + Send + Unpin>, u64), BoxError>> + Send
    {
        drop((src, filename));
        let name = self.get_name();
        async move { Err(Error::not_implemented(format!("`{name}` gives no files")).into()) }
    }

    /// Says what is known of a file, at `GET /{name}/metadata/{file}`, as text or as JSON in text.
    ///
    /// # Errors
    ///
    /// As for [`run`](Self::run).
    ///
    /// ```
    /// use manager_runtime::{Base, BoxError};
    ///
    /// async fn ask(handler: &mut impl Base) -> Result<String, BoxError> {
    ///     handler.run_metadata("a test".to_owned(), "terms.txt".to_owned()).await
    /// }
    /// ```
    fn run_metadata(
        &mut self,
        src: String,
        filename: String,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        drop((src, filename));
        let name = self.get_name();
        async move { Err(Error::not_implemented(format!("`{name}` knows nothing of files")).into()) }
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
