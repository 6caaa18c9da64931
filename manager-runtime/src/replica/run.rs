//! Runs one call in one replica: the parameters are made, the function runs, and whatever ends it early
//! (a panic, the deadline, the end of the manager) ends it here.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tokio::time::Instant;

use crate::context::{Caller, Home, Limit, Parts, Seat};
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
/// A plain function and one flat future: an `async fn` keeps its arguments twice, and every layer of it
/// copies the request once more. The future of a call is allocated, so its size is time.
pub(crate) fn run<'r, H: Handler>(
    replica: &'r mut Replica<H>,
    fate: &'r mut Fate,
    watch: &'r Watch,
    request: Request<H>,
    caller: &'r Caller<'r>,
    limit: Limit,
) -> Run<'r, impl Future<Output = Result<Answer<H>>> + Send> {
    let Replica { home, work, turn } = replica;
    let (home, turn) = (&*home, *turn);
    let mut parts = Parts::new(home, turn, caller, limit);
    let call = async move {
        match work {
            Work::Real(state) => {
                let values = H::Parameters::collect(&mut parts, Some(request)).await?;
                H::handle(state, values).await.into_value()
            }
            Work::Fake(fake) => fake(request, parts.context()).await,
        }
    };
    *fate = Fate::Cut;
    Run { call: Some(call), home, turn, fate, watch, caller, limit, waits: false }
}

pin_project! {
    /// A call that runs.
    pub(crate) struct Run<'r, F> {
        // Gone once it was cut: dropped before anybody hears of it.
        #[pin]
        call: Option<F>,
        home: &'r Arc<Home>,
        turn: u64,
        fate: &'r mut Fate,
        watch: &'r Watch,
        caller: &'r Caller<'r>,
        limit: Limit,
        // Whether the deadline stands in the seat.
        waits: bool,
    }
}

impl<T, F: Future<Output = Result<T>>> Future for Run<'_, F> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let mut this = self.project();
        let polled = panics::catch(|| match this.call.as_mut().as_pin_mut() {
            Some(call) => call.poll(cx),
            // Past the end, where nobody polls.
            None => Poll::Pending,
        });
        let cut = match polled {
            Ok(Poll::Ready(outcome)) => {
                **this.fate = Fate::Whole;
                return Poll::Ready(outcome);
            }
            Ok(Poll::Pending) => {
                let seat = &*this.home.seat;
                seat.waker.register(cx.waker());
                if !std::mem::replace(this.waits, true)
                    && let Some(deadline) = this.limit.start(this.caller.waiting_frame())
                {
                    write_deadline(seat, this.watch, deadline);
                }
                match verdict(seat, *this.turn) {
                    Some(cut) => cut,
                    None => return Poll::Pending,
                }
            }
            Err(panic) => {
                **this.fate = Fate::Broken;
                Cut::Panic(panic)
            }
        };
        // A second panic has nobody to go to; the replica has seen it all the same.
        if panics::catch(|| this.call.set(None)).is_err() {
            **this.fate = Fate::Broken;
        }
        Poll::Ready(Err(cut.into_error(&this.home.name)))
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
