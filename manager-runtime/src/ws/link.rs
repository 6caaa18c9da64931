//! What a handler and the connection behind its socket share: a few messages each way, and how it ends.
//!
//! The handler never touches the connection, and the connection never waits for the handler. So a ping is
//! answered while the handler computes, and a slow reader holds up whoever sends and nothing else. Both
//! usually run in one task, where this costs an uncontended lock.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::ws::message::{CloseFrame, WsMessage};

/// How much may lie in between, each way: so many messages or bytes, and one message of any size.
const MESSAGES: usize = 16;
const BYTES: usize = 64 * 1024;

/// How long a connection may be silent before it is asked for a sign of life.
const PING: Duration = Duration::from_secs(30);

/// The two sides of one WebSocket.
pub(crate) struct Link(Mutex<State>);

struct State {
    start: Start,
    inbox: Queue,
    outbox: Queue,
    /// Whether the handler still holds each half.
    receives: bool,
    sends: bool,
    /// The close that this side wants; the first who wants one decides. What lies in the outbox goes
    /// before it.
    close: Option<CloseFrame>,
    /// Nobody asked for that close; both halves were dropped. A handler that returns drops them first, and
    /// what it returned says more.
    was_left: bool,
    /// How it was closed, once no message can come any more.
    end: Option<CloseFrame>,
    /// Why it ended, if not by a close; the receiver hears it once.
    failure: Option<Error>,
    failed: bool,
    /// The connection is gone.
    gone: bool,
    /// Something may not have reached the network yet.
    unflushed: bool,
    /// The receiver has come back for another message and found none: it is done with what it had.
    waits: bool,
    /// The connection reads on when the receiver has moved.
    held_up: bool,
    ping: Option<Duration>,
    /// The receiver, the sender and the connection, each while it waits.
    reader: Option<Waker>,
    writer: Option<Waker>,
    wire: Option<Waker>,
}

/// Whether there is going to be a WebSocket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Open,
    Accepted,
    Refused,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<WsMessage>,
    bytes: usize,
}

impl Queue {
    fn is_full(&self) -> bool {
        self.messages.len() >= MESSAGES || self.bytes >= BYTES
    }

    fn push(&mut self, message: WsMessage) {
        self.bytes += message.len();
        self.messages.push_back(message);
    }

    fn pop(&mut self) -> Option<WsMessage> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }
}

/// Whoever has to look again.
#[derive(Default)]
struct Wakes([Option<Waker>; 3]);

impl Link {
    pub(crate) fn new() -> Self {
        Link(Mutex::new(State {
            start: Start::Open,
            inbox: Queue::default(),
            outbox: Queue::default(),
            receives: true,
            sends: true,
            close: None,
            was_left: false,
            end: None,
            failure: None,
            failed: false,
            gone: false,
            unflushed: false,
            waits: false,
            held_up: false,
            ping: Some(PING),
            reader: None,
            writer: None,
            wire: None,
        }))
    }

    /// Changes something, and wakes whom that concerns once nothing is locked: a waker may be anybody's.
    fn with<T>(&self, change: impl FnOnce(&mut State, &mut Wakes) -> T) -> T {
        let mut wakes = Wakes::default();
        let outcome =
            change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), &mut wakes);
        wakes.0.into_iter().flatten().for_each(Waker::wake);
        outcome
    }

    // ---- the handler's side ------------------------------------------------------------------------

    /// The handler takes the socket.
    pub(super) fn accept(&self) {
        self.with(|state, wakes| {
            if state.start == Start::Open {
                state.start = Start::Accepted;
            }
            wakes.0[0] = state.wire.take();
        });
    }

    /// The handler has ended, with what the close says. Whatever it has left behind is of no use then.
    pub(crate) fn finish(&self, code: u16) {
        self.with(|state, wakes| {
            if state.start == Start::Open {
                state.start = Start::Refused;
            }
            if std::mem::take(&mut state.was_left) {
                state.close = None;
            }
            state.want_close(CloseFrame::of(code), wakes);
            wakes.0[0] = wakes.0[0].take().or_else(|| state.wire.take());
        });
    }

    /// Whether the handler has taken the socket.
    pub(crate) fn is_taken(&self) -> bool {
        self.with(|state, _| state.start == Start::Accepted)
    }

    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Result<WsMessage>>> {
        self.with(|state, wakes| {
            if let Some(message) = state.inbox.pop() {
                if std::mem::take(&mut state.held_up) {
                    wakes.0[0] = state.wire.take();
                }
                return Poll::Ready(Some(Ok(message)));
            }
            if let Some(failure) = state.failure.take() {
                return Poll::Ready(Some(Err(failure)));
            }
            if state.is_over() {
                return Poll::Ready(None);
            }
            state.reader = Some(cx.waker().clone());
            state.waits = true;
            if std::mem::take(&mut state.held_up) {
                wakes.0[0] = state.wire.take();
            }
            Poll::Pending
        })
    }

    /// Waits for room in the outbox.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.with(|state, _| {
            if state.is_over() {
                return Poll::Ready(Err(closed()));
            }
            if !state.outbox.is_full() {
                return Poll::Ready(Ok(()));
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    pub(super) fn push(&self, message: WsMessage) -> Result<()> {
        self.with(|state, wakes| {
            if state.is_over() {
                return Err(closed());
            }
            state.outbox.push(message);
            state.unflushed = true;
            wakes.0[0] = state.wire.take();
            Ok(())
        })
    }

    /// Waits until everything has been given to the network.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.with(|state, _| {
            if !state.unflushed {
                return Poll::Ready(Ok(()));
            }
            if state.end.is_some() {
                return Poll::Ready(Err(closed()));
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    pub(super) fn close(&self, close: CloseFrame) {
        self.with(|state, wakes| state.want_close(close, wakes));
    }

    /// Waits until the connection is gone.
    pub(super) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.with(|state, _| {
            if state.gone {
                return Poll::Ready(());
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    /// How it was closed, if it is.
    pub(super) fn closed(&self) -> Option<CloseFrame> {
        self.with(|state, _| state.end.clone().or_else(|| state.close.clone()))
    }

    pub(super) fn set_ping(&self, interval: Option<Duration>) {
        self.with(|state, wakes| {
            state.ping = interval;
            wakes.0[0] = state.wire.take();
        });
    }

    pub(super) fn drop_receiver(&self) {
        self.with(|state, wakes| {
            state.receives = false;
            state.inbox = Queue::default();
            state.leave(wakes);
        });
    }

    pub(super) fn drop_sender(&self) {
        self.with(|state, wakes| {
            state.sends = false;
            state.leave(wakes);
        });
    }

    // ---- the connection's side ---------------------------------------------------------------------

    /// Whether the handler takes the socket; `false` if it ended before.
    pub(super) fn poll_accepted(&self, cx: &mut Context<'_>) -> Poll<bool> {
        self.with(|state, _| {
            state.wire = Some(cx.waker().clone());
            match state.start {
                Start::Open => Poll::Pending,
                start => Poll::Ready(start == Start::Accepted),
            }
        })
    }

    /// The next thing to send. The waker is left for the case that there is nothing.
    pub(super) fn poll_outbox(&self, cx: &mut Context<'_>) -> Poll<Out> {
        self.with(|state, wakes| {
            let was_full = state.outbox.is_full();
            if let Some(message) = state.outbox.pop() {
                if was_full {
                    wakes.0[0] = state.writer.take();
                }
                return Poll::Ready(Out::Message(message));
            }
            if let Some(close) = &state.close {
                return Poll::Ready(Out::Close(close.clone()));
            }
            state.wire = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    /// Everything that was taken out of the outbox has been given to the network.
    pub(super) fn flushed(&self) {
        self.with(|state, wakes| {
            if state.outbox.messages.is_empty() {
                state.unflushed = false;
                wakes.0[0] = state.writer.take();
            }
        });
    }

    /// Whether the receiver wants another message. Without one the messages are thrown away.
    pub(super) fn demand(&self) -> Demand {
        self.with(|state, _| {
            if !state.receives || state.close.is_some() || state.waits {
                return Demand::Now;
            }
            state.held_up = true;
            if state.inbox.is_full() { Demand::None } else { Demand::Ahead }
        })
    }

    pub(super) fn deliver(&self, message: WsMessage) {
        self.with(|state, wakes| {
            if state.receives && state.close.is_none() {
                state.inbox.push(message);
                state.waits = false;
                wakes.0[0] = state.reader.take();
            }
        });
    }

    pub(super) fn is_closing(&self) -> bool {
        self.with(|state, _| state.close.is_some())
    }

    pub(super) fn ping(&self) -> Option<Duration> {
        self.with(|state, _| state.ping)
    }

    /// No message comes or goes any more, and why.
    pub(super) fn end(&self, end: CloseFrame, failure: Option<Error>) {
        self.with(|state, wakes| {
            // Whoever asked for the end does not mind how it came.
            let failure = failure.filter(|_| state.close.is_none());
            state.failed = failure.is_some();
            state.failure = failure;
            state.end.get_or_insert(state.close.take().unwrap_or(end));
            state.outbox = Queue::default();
            wakes.0 = [state.reader.take(), state.writer.take(), None];
        });
    }

    pub(super) fn gone(&self) {
        self.with(|state, wakes| {
            state.gone = true;
            state.end.get_or_insert(state.close.take().unwrap_or(CloseFrame::of(ABNORMAL)));
            wakes.0 = [state.reader.take(), state.writer.take(), None];
        });
    }

    /// Whether the peer or the network ended it in disorder; a handler that fails of that is no news.
    pub(crate) fn has_failed(&self) -> bool {
        self.with(|state, _| state.failed)
    }
}

/// The end of a connection without a close (RFC 6455, section 7.1.5).
pub(super) const ABNORMAL: u16 = 1006;

/// Whether another message is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    Now,
    /// Not yet, and there is room for it.
    Ahead,
    /// There is no room.
    None,
}

/// What is to be sent.
pub(super) enum Out {
    Message(WsMessage),
    Close(CloseFrame),
}

impl State {
    fn is_over(&self) -> bool {
        self.close.is_some() || self.end.is_some()
    }

    fn want_close(&mut self, close: CloseFrame, wakes: &mut Wakes) {
        if !self.is_over() {
            self.close = Some(close);
            wakes.0 = [self.wire.take(), self.reader.take(), self.writer.take()];
        }
    }

    /// With both halves gone there is nobody to hear and nobody to speak.
    fn leave(&mut self, wakes: &mut Wakes) {
        if !self.receives && !self.sends {
            self.was_left = !self.is_over();
            self.want_close(CloseFrame::of(1000), wakes);
        } else {
            wakes.0[0] = self.wire.take();
        }
    }
}

fn closed() -> Error {
    Error::gone("the WebSocket is closed")
}
