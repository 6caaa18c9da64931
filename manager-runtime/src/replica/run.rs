//! Runs one call in one replica: the message is read, the parameters are made, the function runs, and
//! whatever ends it early (a panic, the deadline) ends it here.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::context::{Caller, Clock, Facts, Parts, Seat};
use crate::error::{Error, Result};
use crate::handler::{Answer, Handler, IntoReply, Message, MessageOf, Parameters, Request};
use crate::message::Payload;
use crate::panics;
use crate::replica::pool::{Fate, Replica, Work};

/// What a call brings: the value itself, or a payload that has to be read first.
pub(crate) enum Input<H: Handler> {
    Value(Request<H>),
    Payload(Payload),
}

impl<H: Handler> Input<H> {
    /// The message as the handler takes it. Reading it runs the user's code, which may panic; no
    /// replica has been touched by then.
    fn into_value(self, handler: &str) -> Result<Request<H>> {
        match self {
            Input::Value(value) => Ok(value),
            Input::Payload(payload) => match panics::catch(|| MessageOf::<H>::decode(payload)) {
                Ok(read) => read,
                Err(panic) => Err(panicked(handler, &*panic)),
            },
        }
    }
}

/// The timer of a call. Set when the call first has to wait, so most calls never register one.
pub(crate) type Timer<'a> = Pin<&'a mut Option<Sleep>>;

/// Runs one call. `fate` says at every moment what has to become of the replica if the future is
/// dropped right then.
pub(crate) async fn run<H: Handler>(
    replica: &mut Replica<H>,
    fate: &mut Fate,
    input: Input<H>,
    caller: Caller<'_>,
    clock: Clock,
    timer: Timer<'_>,
) -> Result<Answer<H>> {
    let Replica { home, work, turn } = replica;
    let value = input.into_value(&home.name)?;
    let facts = Facts::new(home, *turn, caller, clock);
    *fate = Fate::Cut;
    let call = async {
        match work {
            Work::Real(state) => {
                let values = H::Parameters::collect(&mut Parts::new(&facts), Some(value)).await?;
                H::handle(state, values).await.into_value()
            }
            Work::Fake(fake) => fake(value, Parts::new(&facts).context()).await,
        }
    };
    match guard(call, || facts.deadline(), Some(&home.seat), timer).await {
        Ok(outcome) => {
            *fate = Fate::Whole;
            outcome
        }
        Err(cut) => {
            if let Cut::Panic(_) = cut {
                *fate = Fate::Broken;
            }
            Err(cut.into_error(&home.name))
        }
    }
}

/// Runs one call of a `blocking` function: its parameters are made here, it runs on a thread that may
/// block. Nobody can interrupt that thread, so this future must not be dropped before it is done; the
/// replica comes back with the outcome.
pub(crate) async fn run_blocking<H: Handler>(
    mut replica: Box<Replica<H>>,
    input: Input<H>,
    caller: Caller<'_>,
    clock: Clock,
) -> (Option<Box<Replica<H>>>, Result<Answer<H>>) {
    let home = replica.home.clone();
    let facts = Facts::new(&home, replica.turn, caller, clock);
    if let Work::Fake(fake) = &replica.work {
        let call = match input.into_value(&home.name) {
            Ok(value) => fake(value, Parts::new(&facts).context()),
            Err(error) => return (Some(replica), Err(error)),
        };
        let outcome = guard(call, || facts.deadline(), Some(&home.seat), pin!(None)).await;
        return (Some(replica), outcome.unwrap_or_else(|cut| Err(cut.into_error(&home.name))));
    }
    let values = async {
        let value = input.into_value(&home.name)?;
        H::Parameters::collect(&mut Parts::new(&facts), Some(value)).await
    };
    let values = match guard(values, || facts.deadline(), Some(&home.seat), pin!(None)).await {
        Ok(Ok(values)) => values,
        Ok(Err(error)) => return (Some(replica), Err(error)),
        Err(cut) => return (Some(replica), Err(cut.into_error(&home.name))),
    };
    let running = tokio::task::spawn_blocking(move || {
        let outcome = panics::catch(|| match &mut replica.work {
            Work::Real(state) => {
                let mut call = pin!(H::handle(state, values));
                // A plain function has no point at which it could wait: it is done when it was polled.
                match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(output) => output.into_value(),
                    Poll::Pending => Err(Error::internal("a blocking handler did not block")),
                }
            }
            Work::Fake(_) => Err(Error::internal("a fake became a blocking handler")),
        });
        (replica, outcome)
    });
    match running.await {
        Ok((replica, Ok(outcome))) => (Some(replica), outcome),
        Ok((replica, Err(panic))) => (Some(replica), Err(panicked(&home.name, &*panic))),
        // The runtime is being shut down, and everything with it.
        Err(_) => (None, Err(stopping())),
    }
}

/// What ended a future early.
pub(crate) enum Cut {
    Timeout,
    /// The manager was cut.
    Stop,
    Panic(Box<dyn Any + Send>),
}

impl Cut {
    fn into_error(self, handler: &str) -> Error {
        match self {
            Cut::Timeout => timed_out(handler),
            Cut::Stop => stopping(),
            Cut::Panic(panic) => panicked(handler, &*panic),
        }
    }
}

/// Polls the future until it is done, panics, its time is over, or the seat it runs in is cut. A future
/// that was cut is dropped before this returns, and a panic in that is caught as well.
pub(crate) async fn guard<F: Future>(
    future: F,
    deadline: impl Fn() -> Option<Instant>,
    seat: Option<&Seat>,
    mut timer: Timer<'_>,
) -> Result<F::Output, Cut> {
    let mut future = pin!(Some(future));
    let outcome = poll_fn(|cx| {
        let polled = panics::catch(|| match future.as_mut().as_pin_mut() {
            Some(future) => future.poll(cx),
            // Only reached if the caller polls after the end, which `async` code cannot do.
            None => Poll::Pending,
        });
        match polled {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) if seat.is_some_and(|seat| is_cut(seat, cx)) => {
                Poll::Ready(Err(Cut::Stop))
            }
            Ok(Poll::Pending) => expired(timer.as_mut(), &deadline, cx).map(|()| Err(Cut::Timeout)),
            Err(panic) => Poll::Ready(Err(Cut::Panic(panic))),
        }
    })
    .await;
    if outcome.is_err() {
        // A second panic has nobody to go to: the first one is what the caller hears of.
        let _ = catch_unwind(AssertUnwindSafe(|| future.set(None)));
    }
    outcome
}

/// Leaves the waker where the end of the manager finds it, and looks whether that has come.
fn is_cut(seat: &Seat, cx: &Context<'_>) -> bool {
    seat.waker.register(cx.waker());
    seat.cut.load(Ordering::Acquire)
}

/// Ready once the deadline has passed.
pub(crate) fn expired(
    mut timer: Timer<'_>,
    deadline: impl Fn() -> Option<Instant>,
    cx: &mut std::task::Context<'_>,
) -> Poll<()> {
    if timer.is_none() {
        match deadline() {
            Some(deadline) => timer.set(Some(sleep_until(deadline))),
            None => return Poll::Pending,
        }
    }
    match timer.as_pin_mut() {
        Some(timer) => timer.poll(cx),
        None => Poll::Pending,
    }
}

pub(crate) fn stopping() -> Error {
    Error::shutting_down("the manager is stopping")
}

pub(crate) fn timed_out(handler: &str) -> Error {
    Error::timeout(format!("`{handler}` did not answer in time"))
}

/// The error for the caller; what was said in the panic goes to the log only.
pub(crate) fn panicked(handler: &str, panic: &(dyn Any + Send)) -> Error {
    let (text, place) = (panics::text(panic), panics::place());
    tracing::error!(handler, panic = text, place, "a handler panicked; its replica is made anew");
    Error::panicked(format!("`{handler}` panicked"))
}
