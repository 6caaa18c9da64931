//! A WebSocket in the hands of a handler.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::error::{Error, Result};
use crate::handler::{Message, Parameter, Reads, role};
use crate::message::Payload;
use crate::ws::link::Link;
use crate::ws::message::{CloseFrame, WsMessage};

/// A WebSocket (RFC 6455): the message of a handler that takes the connection over and runs its loop.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/echo")]
/// async fn echo(mut socket: WebSocket) -> Result<()> {
///     while let Some(message) = socket.next().await? {
///         socket.send(message).await?;
///     }
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// # Its life
///
/// A request for a WebSocket that the handler's route receives is checked (section 4.2.1), gets a replica,
/// and is answered with 101 when all other parameters of the handler are there; until then an error of one
/// of them is an answer over HTTP as for any handler. Then the handler runs for as long as it likes: it has
/// no deadline unless `timeout` is written in its attribute. How many may be open is the setting `streams`
/// (1 000); one more is refused with 503. A function has that many replicas instead of what `replicas` says;
/// the instances of an impl block are made at start, so there the declared `replicas` are the bound as well:
/// each connection has an instance to itself.
///
/// When the handler returns, whatever is left of the socket is closed with 1000, with 1011 if it returned an
/// error or panicked; the error is for the log. When the manager drains, every socket is closed with 1001 at
/// once and [`next`](Self::next) says `None`; a handler that then does not return is cut at the drain limit.
///
/// # What is checked
///
/// Everything that RFC 6455 has an endpoint check: a peer that breaks the protocol is closed with 1002, text
/// that is not UTF-8 with 1007, at the byte that can be none, and a message over
/// the limit with 1009. The limit is the handler's `body_limit`, or the setting of that name (2 MiB); a frame
/// may be as long as a message. Pings are answered and fragments are put together without the handler. A
/// peer that has been silent for 30 s is asked with a ping, and is gone if it stays silent for 30 s more;
/// [`ping_every`](Self::ping_every) changes that.
///
/// A browser sends the page's origin along; without an API key such a request is refused if it comes from
/// another site, as any request is. There is no compression (RFC 7692), and no WebSocket over HTTP/2 (RFC
/// 8441).
///
/// A call by name or from the command line cannot have a WebSocket and is `BadRequest`.
///
/// # Sub-protocols
///
/// `WebSocket<P>` names in `P` which sub-protocols the handler speaks: see [`Subprotocols`].
pub struct WebSocket<P: Subprotocols = ()> {
    receiver: WsReceiver,
    sender: WsSender,
    protocol: Option<&'static str>,
    /// Only a name is taken from `P`.
    speaks: PhantomData<fn() -> P>,
}

/// The sub-protocols (RFC 6455, section 1.9) that a handler speaks. The first one of those that a client
/// offers is agreed upon; if there is none, the handshake goes on without one (section 4.2.2), and what that
/// means is up to the handler and the client.
///
/// ```
/// use manager_runtime::Subprotocols;
/// use manager_runtime::prelude::*;
///
/// struct Chat;
///
/// impl Subprotocols for Chat {
///     const NAMES: &'static [&'static str] = &["chat.v2", "chat.v1"];
/// }
///
/// #[handler(get = "/chat")]
/// async fn chat(mut socket: WebSocket<Chat>) -> Result<()> {
///     let newer = socket.protocol() == Some("chat.v2");
///     socket.send(if newer { "hello, friend" } else { "hello" }).await
/// }
/// # fn main() {}
/// ```
pub trait Subprotocols: 'static {
    /// Their names, as they stand in `Sec-WebSocket-Protocol`. The client's order counts, not this one.
    const NAMES: &'static [&'static str];
}

impl Subprotocols for () {
    const NAMES: &'static [&'static str] = &[];
}

impl<P: Subprotocols> WebSocket<P> {
    /// The next message; `None` once the socket was closed by either side, or the manager drains. What
    /// came before the close is still returned.
    ///
    /// Nothing is lost if the future is dropped, so it may stand in a `select!`.
    ///
    /// # Errors
    ///
    /// `BadRequest` if the peer broke the protocol or the connection was lost without a close, `TooLarge` for
    /// a message over the limit, `Timeout` if the peer gave no sign of life. After an error there is `None`.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/ticks")]
    /// async fn ticks(mut socket: WebSocket) -> Result<()> {
    ///     let mut clock = tokio::time::interval(std::time::Duration::from_secs(1));
    ///     loop {
    ///         tokio::select! {
    ///             _ = clock.tick() => socket.send("tick").await?,
    ///             message = socket.next() => match message? {
    ///                 Some(message) => tracing::info!(?message),
    ///                 None => return Ok(()),
    ///             },
    ///         }
    ///     }
    /// }
    /// # fn main() {}
    /// ```
    pub async fn next(&mut self) -> Result<Option<WsMessage>> {
        self.receiver.next().await
    }

    /// Sends a message, once there is room: with a peer that reads slowly this waits, and not more than 64
    /// KiB (or one message) lie in the process. It does not wait until the peer has it.
    ///
    /// # Errors
    ///
    /// `Gone` if the socket is closed.
    ///
    /// ```
    /// use manager_runtime::WsMessage;
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/hello")]
    /// async fn hello(mut socket: WebSocket) -> Result<()> {
    ///     socket.send("text").await?;
    ///     socket.send(vec![0, 1, 2]).await?;
    ///     socket.send(WsMessage::json(&[1, 2])?).await
    /// }
    /// # fn main() {}
    /// ```
    pub async fn send(&mut self, message: impl Into<WsMessage>) -> Result<()> {
        self.sender.send(message).await
    }

    /// Closes the socket with a code and a reason, after what was sent before, and waits until the peer has
    /// answered or has had 5 s for it. Without this it is closed with 1000 when the handler returns.
    ///
    /// # Errors
    ///
    /// `Internal` for a code that may not be sent (RFC 6455, section 7.4: 1000 to 1003, 1007 to 1013 and 3000
    /// to 4999 may) or a reason longer than 123 bytes. A socket that is closed already is no error.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/closed")]
    /// async fn closed(mut socket: WebSocket) -> Result<()> {
    ///     socket.close(4000, "come back tomorrow").await
    /// }
    /// # fn main() {}
    /// ```
    pub async fn close(&mut self, code: u16, reason: impl Into<String>) -> Result<()> {
        self.sender.close(code, reason).await
    }

    /// How the socket was closed; `None` while it is open.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/leave")]
    /// async fn leave(mut socket: WebSocket) -> Result<()> {
    ///     while socket.next().await?.is_some() {}
    ///     if socket.closed().is_some_and(|close| close.code == 1001) {
    ///         tracing::info!("the page was left, or the manager drains");
    ///     }
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn closed(&self) -> Option<CloseFrame> {
        self.receiver.closed()
    }

    /// The sub-protocol that was agreed upon, one of [`Subprotocols::NAMES`].
    pub fn protocol(&self) -> Option<&'static str> {
        self.protocol
    }

    /// How long the peer may be silent before it is asked with a ping, and how long it may take to answer;
    /// `None` never asks. Default 30 s.
    ///
    /// ```
    /// use std::time::Duration;
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/mobile")]
    /// async fn mobile(mut socket: WebSocket) -> Result<()> {
    ///     socket.ping_every(Duration::from_secs(300));
    ///     while socket.next().await?.is_some() {}
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn ping_every(&mut self, interval: impl Into<Option<Duration>>) {
        // A timer that is always due would be a loop.
        let least = Duration::from_millis(1);
        self.sender.link.set_ping(interval.into().map(|interval| interval.max(least)));
    }

    /// The two directions apart, for tasks of their own. The socket is closed when both are dropped, and when
    /// the handler returns.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/both")]
    /// async fn both(socket: WebSocket) -> Result<()> {
    ///     let (mut sender, mut receiver) = socket.split();
    ///     tokio::spawn(async move {
    ///         while sender.send("again").await.is_ok() {}
    ///     });
    ///     while let Some(message) = receiver.next().await? {
    ///         tracing::info!(?message);
    ///     }
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn split(self) -> (WsSender, WsReceiver) {
        (self.sender, self.receiver)
    }
}

/// The receiving half of a [`WebSocket`]: see [`WebSocket::split`].
pub struct WsReceiver {
    link: Arc<Link>,
}

impl WsReceiver {
    /// The next message, as [`WebSocket::next`] has it.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn next(&mut self) -> Result<Option<WsMessage>> {
        poll_fn(|cx| self.link.poll_next(cx)).await.transpose()
    }

    /// How the socket was closed; `None` while it is open.
    pub fn closed(&self) -> Option<CloseFrame> {
        self.link.closed()
    }
}

impl Drop for WsReceiver {
    fn drop(&mut self) {
        self.link.drop_receiver();
    }
}

/// The sending half of a [`WebSocket`]: see [`WebSocket::split`].
pub struct WsSender {
    link: Arc<Link>,
}

impl WsSender {
    /// Sends a message, as [`WebSocket::send`] does.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn send(&mut self, message: impl Into<WsMessage>) -> Result<()> {
        poll_fn(|cx| self.link.poll_ready(cx)).await?;
        self.link.push(message.into())
    }

    /// Closes the socket, as [`WebSocket::close`] does.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn close(&mut self, code: u16, reason: impl Into<String>) -> Result<()> {
        let reason = reason.into();
        if !CloseCode::from(code).is_allowed() {
            return Err(Error::internal(format!("a WebSocket is never closed with {code}")));
        }
        if reason.len() > MOST_REASON {
            return Err(Error::internal(format!(
                "the reason of a close is longer than {MOST_REASON} bytes"
            )));
        }
        self.link.close(CloseFrame { code, reason });
        poll_fn(|cx| self.link.poll_gone(cx)).await;
        Ok(())
    }
}

/// How long a reason may be: a control frame has at most 125 bytes (RFC 6455, section 5.5), and the code
/// takes two.
const MOST_REASON: usize = 123;

impl Drop for WsSender {
    fn drop(&mut self) {
        self.link.drop_sender();
    }
}

impl Stream for WsReceiver {
    type Item = Result<WsMessage>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.link.poll_next(cx)
    }
}

impl<P: Subprotocols> Stream for WebSocket<P> {
    type Item = Result<WsMessage>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.link.poll_next(cx)
    }
}

macro_rules! sink {
    ([$($generics:tt)*] $kind:ty, $($link:ident).+) => {
        impl<$($generics)*> Sink<WsMessage> for $kind {
            type Error = Error;

            fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
                self.$($link).+.poll_ready(cx)
            }

            fn start_send(self: Pin<&mut Self>, message: WsMessage) -> Result<()> {
                self.$($link).+.push(message)
            }

            /// Waits until everything was given to the network.
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
                self.$($link).+.poll_flush(cx)
            }

            /// Closes the socket with 1000.
            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
                self.$($link).+.close(CloseFrame::of(1000));
                self.$($link).+.poll_gone(cx).map(Ok)
            }
        }
    };
}

sink!([] WsSender, link);
sink!([P: Subprotocols] WebSocket<P>, sender.link);

impl<P: Subprotocols> fmt::Debug for WebSocket<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("protocol", &self.protocol)
            .field("closed", &self.closed())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WsReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WsReceiver").field("closed", &self.closed()).finish_non_exhaustive()
    }
}

impl fmt::Debug for WsSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WsSender").field("closed", &self.link.closed()).finish_non_exhaustive()
    }
}

// ---- how a handler gets it ---------------------------------------------------------------------------

/// A request for a WebSocket that nobody has answered yet: what a typed caller of a handler of
/// [`WebSocket`] would have to send. Only a client over HTTP can make one.
pub struct Handshake(Opening);

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake").field("offers", &self.0.offers).finish_non_exhaustive()
    }
}

/// A WebSocket as the request brings it.
pub(crate) struct Opening {
    pub(crate) link: Arc<Link>,
    /// The sub-protocols that the client offers, in its order.
    pub(crate) offers: Vec<String>,
    /// Told when the handler takes it, with the sub-protocol; dropped if it does not.
    pub(crate) taken: oneshot::Sender<Option<&'static str>>,
}

/// Brings an [`Opening`] along in the extensions of a request, which are cloned; only one can take it.
#[derive(Clone)]
pub(crate) struct Handed(Arc<Mutex<Option<Opening>>>);

impl Handed {
    pub(crate) fn new(opening: Opening) -> Self {
        Handed(Arc::new(Mutex::new(Some(opening))))
    }

    fn take(&self) -> Option<Opening> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<P: Subprotocols> Parameter for WebSocket<P> {
    type Role = role::Message;
}

impl<P: Subprotocols> Message for WebSocket<P> {
    type Value = Handshake;

    const READS: Reads = Reads::Upgrade;

    /// The last of the parameters to be made: from here on the handler has the connection.
    fn from_value(Handshake(Opening { link, offers, taken }): Handshake) -> Self {
        let spoken = |offer: &String| P::NAMES.iter().copied().find(|name| name == offer);
        let protocol = offers.iter().find_map(spoken);
        link.accept();
        // A client that has gone meanwhile is found gone by whoever reads.
        let _ = taken.send(protocol);
        let (receiver, sender) = (WsReceiver { link: link.clone() }, WsSender { link });
        WebSocket { receiver, sender, protocol, speaks: PhantomData }
    }

    fn decode(payload: Payload) -> Result<Handshake> {
        let handed = payload.into_request().ok();
        let handed = handed.and_then(|mut request| request.extensions_mut().remove::<Handed>());
        handed.and_then(|handed| handed.take()).map(Handshake).ok_or_else(|| {
            Error::bad_request(
                "this handler takes a WebSocket: a client opens one on its route over HTTP, and no call \
                 by name can bring one along",
            )
        })
    }
}
