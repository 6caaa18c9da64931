//! The connection of a WebSocket: frames in and out, signs of life, and an end in order.
//!
//! The framing is tungstenite's. It answers pings and the peer's close and puts fragments together. What is
//! left to its user is to find what breaks the protocol as soon as it comes ([`inspect`](super::inspect)), to
//! say so to the peer, and to end the connection so that the peer gets to read it.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{self, Message, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Bytes};

use crate::error::{BoxError, Error, Kind};
use crate::shutdown::{Life, Phase, Watcher};
use crate::ws::inspect::{Fault, Inspector};
use crate::ws::link::{ABNORMAL, Demand, Link, Out};
use crate::ws::message::{CloseFrame, WsMessage};

/// How long a close may take, up to the peer's answer.
const CLOSE: Duration = Duration::from_secs(5);

/// How long the peer may take to close its side of the connection when all is said. Closing a socket with
/// unread bytes in it would reset the connection, and the peer might lose the close.
const LINGER: Duration = Duration::from_secs(1);

/// How long a handler may be busy with a message before the connection reads ahead of it. Until then what
/// comes is taken in order: a close, or a mistake of the peer, after what the handler said to the messages
/// before it. From then on a ping that stands behind them is answered all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much is read at once; each open socket has a buffer of this size.
const READ_BUFFER: usize = 8 * 1024;

/// Runs the connection from the answer to the handshake to its end. Ends at once if the handler does not
/// take the socket.
pub(crate) async fn serve(link: &Arc<Link>, upgrade: OnUpgrade, limit: usize, life: &Arc<Life>) {
    if !poll_fn(|cx| link.poll_accepted(cx)).await {
        return;
    }
    let _gone = Gone(link);
    let connection = tokio::select! {
        biased;
        () = life.reaches(Phase::Cut) => return,
        connection = upgrade => connection,
    };
    let mut wire = match connection {
        Ok(connection) => Wire::open(connection, link, limit, life).await,
        // Nobody sent the 101, or nobody got it.
        Err(error) => return Stop::Lost(Box::new(error)).tell(link),
    };
    let stop = poll_fn(|cx| wire.poll_open(cx)).await;
    let last = stop.last_word();
    stop.tell(link);
    tokio::select! {
        biased;
        () = life.reaches(Phase::Cut) => {}
        () = wire.end(last) => {}
    }
}

/// Says that the connection is gone, however that came.
struct Gone<'a>(&'a Link);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.gone();
    }
}

/// Why no message comes or goes any more.
enum Stop {
    /// The manager was cut.
    Cut,
    /// This side closes.
    Close(CloseFrame),
    /// The peer closed.
    Closed(Option<protocol::CloseFrame>),
    /// The peer did what it must not.
    Failed(u16, Error),
    /// The peer gives no sign of life.
    Silent,
    Lost(BoxError),
}

/// What the peer is still told.
enum Last {
    Nothing,
    /// The answer to its close, which lies ready.
    Answer,
    /// A close that it has to answer.
    Close(CloseFrame),
    /// A close that it need not answer: it has shown that it does not know how.
    Verdict(CloseFrame),
}

impl Stop {
    fn last_word(&self) -> Last {
        match self {
            Stop::Cut | Stop::Silent | Stop::Lost(_) => Last::Nothing,
            Stop::Closed(_) => Last::Answer,
            Stop::Close(close) => Last::Close(close.clone()),
            Stop::Failed(code, error) => {
                Last::Verdict(CloseFrame { code: *code, reason: error.message().to_owned() })
            }
        }
    }

    fn tell(self, link: &Link) {
        let (end, failure) = match self {
            Stop::Cut => (CloseFrame::of(ABNORMAL), None),
            Stop::Close(close) => (close, None),
            Stop::Closed(Some(protocol::CloseFrame { code, reason })) => {
                (CloseFrame { code: code.into(), reason: reason.as_str().to_owned() }, None)
            }
            // It did not say why (RFC 6455, section 7.1.5).
            Stop::Closed(None) => (CloseFrame::of(1005), None),
            Stop::Failed(code, error) => (CloseFrame::of(code), Some(error)),
            Stop::Silent => {
                let error = Error::timeout("the peer of the WebSocket gives no sign of life");
                (CloseFrame::of(ABNORMAL), Some(error))
            }
            Stop::Lost(source) => {
                let error = Error::bad_request("the WebSocket was lost without a close");
                (CloseFrame::of(ABNORMAL), Some(error.with_source(source)))
            }
        };
        link.end(end, failure);
    }
}

impl From<tungstenite::Error> for Stop {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::Error as Cause;
        if let Cause::Io(io) = &error
            && let Some(Fault { code, what }) = io.get_ref().and_then(|it| it.downcast_ref())
        {
            let kind = if *code == 1009 { Kind::TooLarge } else { Kind::BadRequest };
            return Stop::Failed(*code, Error::new(kind, *what));
        }
        match error {
            Cause::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing,
            )
            | Cause::ConnectionClosed
            | Cause::AlreadyClosed
            | Cause::Io(_) => Stop::Lost(Box::new(error)),
            Cause::Utf8(_) => Stop::Failed(1007, Error::bad_request("text that is not UTF-8")),
            Cause::Capacity(_) => {
                Stop::Failed(1009, Error::too_large("the message is longer than its limit"))
            }
            error => {
                let text = "what came is against the protocol";
                Stop::Failed(1002, Error::bad_request(text).with_source(error))
            }
        }
    }
}

struct Wire<'a> {
    socket: WebSocketStream<Metered<TokioIo<Upgraded>>>,
    link: &'a Link,
    watcher: Watcher,
    /// Something was given to the socket that may still lie in its buffer.
    unflushed: bool,
    /// A pong lies there as well. Nothing is read until it has gone, or a peer that pings and never reads
    /// would fill the memory with its pongs.
    owes_pong: bool,
    /// Whether the peer's silence is its own: it is not while nobody reads.
    reading: bool,
    /// When the last message was delivered.
    delivered: Instant,
    /// Whether to read ahead of the handler.
    ahead: bool,
    /// When the peer last gave a sign of life, or was asked for one.
    heard: Instant,
    asked: bool,
    /// When a close that cannot even be sent is given up.
    late: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

/// What came of a look at what the peer sends.
enum Read {
    /// Look again.
    Again,
    /// There is nothing, or nothing that there is room for.
    Later,
    Stop(Stop),
}

/// What it is time for.
enum Time {
    /// Look again.
    Look,
    /// The peer, or its close, has taken too long.
    Over,
}

impl<'a> Wire<'a> {
    async fn open(connection: Upgraded, link: &'a Link, limit: usize, life: &Arc<Life>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        let connection = Metered {
            inner: TokioIo::new(connection),
            alive: false,
            blocked: false,
            inspector: Some(Inspector::new(limit)),
            fault: None,
        };
        let socket = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
        let now = Instant::now();
        Wire {
            socket,
            link,
            watcher: life.watch(),
            unflushed: false,
            owes_pong: false,
            reading: false,
            delivered: now,
            ahead: false,
            heard: now,
            asked: false,
            late: None,
            timer: Box::pin(sleep_until(now)),
        }
    }

    /// Moves messages both ways until no more can.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Stop> {
        match self.watcher.poll(cx) {
            Phase::Serving => {}
            Phase::Draining => self.link.close(CloseFrame::of(1001)),
            Phase::Cut => return Poll::Ready(Stop::Cut),
        }
        loop {
            if let Poll::Ready(stop) = self.poll_write(cx) {
                return Poll::Ready(stop);
            }
            match self.read(cx) {
                Read::Again => continue,
                Read::Later => {}
                Read::Stop(stop) => return Poll::Ready(stop),
            }
            match ready!(self.poll_time(cx)) {
                Time::Look => {}
                Time::Over => return Poll::Ready(Stop::Silent),
            }
        }
    }

    /// Sends what there is to send; ready when that came to an end.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Stop> {
        while let Poll::Ready(ready) = Pin::new(&mut self.socket).poll_ready(cx) {
            if let Err(error) = ready {
                return Poll::Ready(error.into());
            }
            match self.link.poll_outbox(cx) {
                Poll::Ready(Out::Message(message)) => {
                    if let Err(error) = Pin::new(&mut self.socket).start_send(frame(message)) {
                        return Poll::Ready(error.into());
                    }
                    self.unflushed = true;
                }
                Poll::Ready(Out::Close(close)) => return Poll::Ready(Stop::Close(close)),
                Poll::Pending => break,
            }
        }
        if self.unflushed
            && let Poll::Ready(flushed) = Pin::new(&mut self.socket).poll_flush(cx)
        {
            if let Err(error) = flushed {
                return Poll::Ready(error.into());
            }
            self.unflushed = false;
            self.owes_pong = false;
            self.link.flushed();
        }
        Poll::Pending
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Read {
        let demand = self.link.demand();
        self.ahead &= demand != Demand::Now;
        let wanted = demand == Demand::Now || demand == Demand::Ahead && self.ahead;
        self.reading = wanted && !self.owes_pong;
        if !self.reading {
            return Read::Later;
        }
        let message = match Pin::new(&mut self.socket).poll_next(cx) {
            Poll::Pending => return Read::Later,
            Poll::Ready(None) => return Read::Stop(tungstenite::Error::ConnectionClosed.into()),
            Poll::Ready(Some(Err(error))) => return Read::Stop(error.into()),
            Poll::Ready(Some(Ok(message))) => message,
        };
        match message {
            // A copy, so that a short text does not keep the whole buffer that it was read into.
            Message::Text(text) => self.deliver(WsMessage::Text(text.as_str().to_owned())),
            Message::Binary(bytes) => self.deliver(WsMessage::Binary(bytes)),
            Message::Ping(_) => {
                self.unflushed = true;
                self.owes_pong = true;
            }
            Message::Close(close) => return Read::Stop(Stop::Closed(close)),
            // A pong has done its work by being heard.
            Message::Pong(_) | Message::Frame(_) => {}
        }
        Read::Again
    }

    fn deliver(&mut self, message: WsMessage) {
        self.delivered = Instant::now();
        self.link.deliver(message);
    }

    /// Asks a silent peer for a sign of life, and loses patience with whoever is slow.
    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<Time> {
        if self.socket.get_mut().is_alive() || !self.reading && !self.owes_pong {
            self.heard = Instant::now();
            self.asked = false;
        }
        if self.late.is_none() && self.link.is_closing() {
            self.late = Some(Instant::now() + CLOSE);
        }
        loop {
            let patience = (!self.ahead && !self.reading).then(|| self.delivered + PATIENCE);
            let silence = self.link.ping().map(|interval| self.heard + interval);
            let silence = self.late.or(silence);
            let Some(deadline) = patience.into_iter().chain(silence).min() else {
                return Poll::Pending;
            };
            if self.timer.deadline() > deadline {
                self.timer.as_mut().reset(deadline);
            }
            ready!(self.timer.as_mut().poll(cx));
            let now = Instant::now();
            if now < deadline {
                // It was set for something earlier that has not come to pass.
                self.timer.as_mut().reset(deadline);
                continue;
            }
            if silence.is_none_or(|silence| now < silence) {
                self.ahead = true;
                return Poll::Ready(Time::Look);
            }
            if self.late.is_some() || self.asked {
                return Poll::Ready(Time::Over);
            }
            self.asked = true;
            self.heard = now;
            // A socket that cannot even take a ping is asked all the same: by what it has not taken.
            if let Poll::Ready(Ok(())) = Pin::new(&mut self.socket).poll_ready(cx) {
                // An error comes again with the next thing that is tried.
                let _ = Pin::new(&mut self.socket).start_send(Message::Ping(Bytes::new()));
                self.unflushed = true;
            }
            return Poll::Ready(Time::Look);
        }
    }

    /// Ends the connection in order: the last word, the end of this side of the connection, which a server
    /// says first (RFC 6455, section 7.1.1), and then the peer's.
    async fn end(&mut self, last: Last) {
        let said = timeout(CLOSE, async {
            match last {
                Last::Nothing => return Err(tungstenite::Error::ConnectionClosed),
                Last::Answer => {}
                Last::Verdict(close) => self.send_close(close).await?,
                Last::Close(close) => {
                    self.send_close(close).await?;
                    self.flush().await?;
                    self.answered().await;
                    return Ok(());
                }
            }
            self.flush().await
        });
        if !matches!(said.await, Ok(Ok(()))) {
            return;
        }
        let connection = self.socket.get_mut();
        (connection.inspector, connection.fault) = (None, None);
        let lingered = timeout(LINGER, async {
            connection.shutdown().await?;
            let mut waste = [0; 4096];
            while connection.read(&mut waste).await? > 0 {}
            io::Result::Ok(())
        });
        // There is nobody left to tell.
        let _ = lingered.await;
    }

    async fn send_close(&mut self, close: CloseFrame) -> Result<(), tungstenite::Error> {
        poll_fn(|cx| Pin::new(&mut self.socket).poll_ready(cx)).await?;
        let CloseFrame { code, reason } = close;
        let close = protocol::CloseFrame { code: code.into(), reason: reason.into() };
        Pin::new(&mut self.socket).start_send(Message::Close(Some(close)))
    }

    async fn flush(&mut self) -> Result<(), tungstenite::Error> {
        poll_fn(|cx| Pin::new(&mut self.socket).poll_flush(cx)).await
    }

    /// Waits for the peer's close. What it sent before it knew of ours has no reader any more; and who answers
    /// with something that is no frame gets to read our close all the same.
    async fn answered(&mut self) {
        let mut next = async || poll_fn(|cx| Pin::new(&mut self.socket).poll_next(cx)).await;
        while let Some(Ok(message)) = next().await {
            if message.is_close() {
                return;
            }
        }
    }
}

fn frame(message: WsMessage) -> Message {
    match message {
        WsMessage::Text(text) => Message::Text(text.into()),
        WsMessage::Binary(bytes) => Message::Binary(bytes),
    }
}

/// A connection that notes signs of life, which are bytes that come, and bytes that go after they could not;
/// and that lets no byte pass which breaks the protocol.
struct Metered<T> {
    inner: T,
    alive: bool,
    blocked: bool,
    /// `None` once nobody minds any more what comes.
    inspector: Option<Inspector>,
    /// What is wrong with the byte behind those that were read.
    fault: Option<Fault>,
}

impl<T> Metered<T> {
    /// Whether there was one since the last look.
    fn is_alive(&mut self) -> bool {
        std::mem::take(&mut self.alive)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if self.fault.is_none() {
            ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
            let came = buffer.filled().get(before..).unwrap_or_default();
            let is_alive = !came.is_empty();
            let looked = self.inspector.as_mut().map_or(Ok(()), |inspector| inspector.look(came));
            self.alive |= is_alive;
            if let Err((good, fault)) = looked {
                buffer.set_filled(before + good);
                self.fault = Some(fault);
            }
        }
        // What was in order is read first: no bytes at all would be the end of the connection.
        match self.fault {
            Some(fault) if buffer.filled().len() == before => {
                Poll::Ready(Err(io::Error::other(fault)))
            }
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.alive |= written.is_ready() && self.blocked;
        self.blocked = written.is_pending();
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
