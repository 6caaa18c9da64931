//! Runs one call in one replica: the parameters are made, the function runs, and whatever ends it early
//! (a panic, the deadline, the end of the manager) ends it here.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use crate::context::{Caller, Limit, Parts, Seat};
use crate::error::{Error, Result};
use crate::handler::{Answer, Handler, IntoReply, Message, MessageOf, Parameters, Request};
use crate::message::Payload;
use crate::panics;
use crate::replica::deadline::Watch;
use crate::replica::pool::{Fate, Replica, Work};

/// Reads the message of a call by name. That runs the user's code, which may panic; no replica has been
/// touched by then.
pub(crate) fn read<H: Handler>(payload: Payload, handler: &str) -> Result<Request<H>> {
    match panics::catch(|| MessageOf::<H>::decode(payload)) {
        Ok(read) => read,
        Err(panic) => Err(panicked(handler, &*panic)),
    }
}

/// Runs one call. `fate` says at every moment what has to become of the replica if the future is
/// dropped right then.
///
/// All of it is one future: every layer around the user's function would copy the request once more.
pub(crate) async fn run<H: Handler>(
    replica: &mut Replica<H>,
    fate: &mut Fate,
    watch: &Watch,
    request: Request<H>,
    caller: &Caller<'_>,
    mut limit: Limit,
) -> Result<Answer<H>> {
    let Replica { home, work, turn } = replica;
    let turn = *turn;
    let mut parts = Parts::new(home, turn, caller, limit);
    *fate = Fate::Cut;
    let mut call = pin!(Some(async move {
        match work {
            Work::Real(state) => {
                let values = H::Parameters::collect(&mut parts, Some(request)).await?;
                H::handle(state, values).await.into_value()
            }
            Work::Fake(fake) => fake(request, parts.context()).await,
        }
    }));
    let seat = &*home.seat;
    let mut waits = false;
    let outcome = poll_fn(|cx| {
        let polled = panics::catch(|| call.as_mut().as_pin_mut().map(|call| call.poll(cx)));
        match polled {
            Ok(Some(Poll::Ready(outcome))) => Poll::Ready(Ok(outcome)),
            Err(panic) => Poll::Ready(Err(Cut::Panic(panic))),
            // `None` is past the end, where nobody polls.
            Ok(Some(Poll::Pending) | None) => {
                seat.waker.register(cx.waker());
                if !waits {
                    waits = true;
                    if let Some(deadline) = limit.start(caller.waiting_frame()) {
                        write_deadline(seat, watch, deadline);
                    }
                }
                verdict(seat, turn).map_or(Poll::Pending, |cut| Poll::Ready(Err(cut)))
            }
        }
    })
    .await;
    match outcome {
        Ok(outcome) => {
            *fate = Fate::Whole;
            outcome
        }
        Err(cut) => {
            // Dropped before anybody hears of it; a second panic has nobody to go to.
            let _ = panics::catch(|| call.set(None));
            if let Cut::Panic(_) = cut {
                *fate = Fate::Broken;
            }
            Err(cut.into_error(&home.name))
        }
    }
}

fn write_deadline(seat: &Seat, watch: &Watch, deadline: Instant) {
    let deadline = watch.number(deadline);
    seat.deadline.store(deadline, Ordering::SeqCst);
    watch.expect(deadline);
}

/// Whether the call in a seat is to end, looked at after the waker was left there.
fn verdict(seat: &Seat, turn: u64) -> Option<Cut> {
    if seat.expired.load(Ordering::Acquire) == turn {
        Some(Cut::Timeout)
    } else if seat.cut.load(Ordering::Acquire) {
        Some(Cut::Stop)
    } else {
        None
    }
}

/// Runs one call of a `blocking` function: its parameters are made here, it runs on a thread that may
/// block. Nobody can interrupt that thread, so this future must not be dropped before it is done; the
/// replica comes back with the outcome.
pub(crate) async fn run_blocking<H: Handler>(
    mut replica: Box<Replica<H>>,
    request: Request<H>,
    caller: &Caller<'_>,
    limit: Limit,
) -> (Option<Box<Replica<H>>>, Result<Answer<H>>) {
    let home = replica.home.clone();
    let mut parts = Parts::new(&home, replica.turn, caller, limit);
    if let Work::Fake(fake) = &replica.work {
        let call = fake(request, parts.context());
        let outcome = catch(call).await;
        return (Some(replica), outcome.unwrap_or_else(|panic| Err(panicked(&home.name, &*panic))));
    }
    let values = match catch(H::Parameters::collect(&mut parts, Some(request))).await {
        Ok(Ok(values)) => values,
        Ok(Err(error)) => return (Some(replica), Err(error)),
        Err(panic) => return (Some(replica), Err(panicked(&home.name, &*panic))),
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

/// Runs a future whose panic the caller reports.
pub(crate) async fn catch<F: Future>(future: F) -> std::thread::Result<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match panics::catch(|| future.as_mut().poll(cx)) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// What ended a call early.
enum Cut {
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
