//! Runs one call in one replica: the parameters are made, the function runs, and whatever ends it early
//! (a panic, the deadline, the end of the manager) ends it here.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::thread;

use pin_project_lite::pin_project;

use crate::context::{Caller, Limit, Parts, Seat};
use crate::error::{Error, Result};
use crate::handler::{Answer, Handler, IntoReply, Message, MessageOf, Parameters, Request};
use crate::message::Payload;
use crate::panics;
use crate::replica::letter::letter;
use crate::replica::pool::{Fate, KnownWaiter, Pool, Replica, Station, Work};

/// Reads the message of a call by name. That runs the user's code, which may panic; no replica has been
/// touched by then.
pub(crate) fn read<H: Handler>(payload: Payload, handler: &str) -> Result<Request<H>> {
    match panics::catch(|| MessageOf::<H>::decode(payload)) {
        Ok(read) => read,
        Err(panic) => Err(panicked(handler, &*panic)),
    }
}

/// What keeps the replica of a call while the call runs. The call owns its keeper, so that a replica
/// needs no place beside the call; dropping the keeper before [`finish`](Keep::finish) says that the call
/// was cut, or broke.
pub(crate) trait Keep<H: Handler>: Send + Sized {
    /// The replica; `None` past the end, where nobody asks.
    fn replica(&mut self) -> Option<&mut Replica<H>>;

    /// The call has ended by itself.
    fn finish(self);
}

/// One call from its parameters to its answer.
// A plain function and one flat future: an `async fn` keeps its arguments twice, and every layer of it
// copies the request once more. The future of a call is allocated, so its size is time.
#[expect(clippy::manual_async_fn, reason = "an async fn keeps its arguments twice")]
pub(crate) fn serve<'a, H: Handler, K: Keep<H> + 'a>(
    mut keeper: K,
    request: Request<H>,
    caller: Caller<'a>,
    limit: Limit,
) -> impl Future<Output = Result<Answer<H>>> + Send + 'a {
    async move {
        // Rare, and so in a box of its own; nothing of it is kept for later.
        if matches!(keeper.replica(), Some(Replica { work: Work::Unmade, .. })) {
            let made = match keeper.replica() {
                Some(replica) => Box::pin(replica.make()).await,
                None => Ok(()),
            };
            if let Err(error) = made {
                keeper.finish();
                return Err(error);
            }
        }
        let outcome = match keeper.replica() {
            Some(Replica { home, work: Work::Real(state), .. }) => {
                // The parts are gone before the function runs, and leave it their room.
                let values = {
                    let mut parts = Parts::new(home, caller, limit);
                    H::Parameters::collect(&mut parts, Some(request)).await
                };
                match values {
                    Ok(values) => H::handle(state, values).await.into_value(),
                    Err(error) => Err(error),
                }
            }
            Some(Replica { home, work: Work::Fake(fake), .. }) => {
                let context = Parts::new(home, caller, limit).context();
                fake(request, context).await
            }
            Some(Replica { work: Work::Unmade, .. }) | None => Err(stopping()),
        };
        keeper.finish();
        outcome
    }
}

pin_project! {
    /// A call in its station: it ends when [`serve`] does, when it panics, or when its time is over.
    pub(crate) struct Run<'a, H: Handler, F> {
        // Gone once it was cut: dropped before anybody hears of it.
        #[pin]
        call: Option<F>,
        // Where it runs, from its begin to its end.
        station: Option<&'a Station<H>>,
        // Who stood in line for it, and then who sleeps in the station.
        waiter: Option<KnownWaiter<H>>,
        pool: &'a Pool<H>,
        caller: Caller<'a>,
        limit: Limit,
        // Whether the deadline stands in the seat.
        waits: bool,
    }

    impl<H: Handler, F> PinnedDrop for Run<'_, H, F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(station) = this.project().station.take() {
                Gone::mark(&station.seat);
            }
        }
    }
}

impl<'a, H: Handler, F> Run<'a, H, F> {
    /// A call that has no replica yet.
    #[inline]
    pub(crate) fn new(pool: &'a Pool<H>, caller: Caller<'a>, limit: Limit) -> Self {
        Run { call: None, station: None, waiter: None, pool, caller, limit, waits: false }
    }

    /// A call that has its replica.
    pub(crate) fn seated(
        pool: &'a Pool<H>,
        station: &'a Station<H>,
        (caller, limit): (Caller<'a>, Limit),
        call: F,
    ) -> Self {
        let (call, station) = (Some(call), Some(station));
        Run { call, station, waiter: None, pool, caller, limit, waits: false }
    }

    /// Who calls, and the limit, which whoever waits for a replica starts.
    pub(crate) fn terms(self: Pin<&mut Self>) -> (Caller<'a>, &mut Limit) {
        let this = self.project();
        (*this.caller, this.limit)
    }

    /// Keeps who stood in line for the replica: it will do to wake the call.
    pub(crate) fn remember(self: Pin<&mut Self>, waiter: Option<KnownWaiter<H>>) {
        *self.project().waiter = waiter;
    }

    /// Puts the call where its replica belongs.
    #[inline]
    pub(crate) fn begin(self: Pin<&mut Self>, station: &'a Station<H>, call: F) {
        let mut this = self.project();
        *this.station = Some(station);
        this.call.set(Some(call));
    }
}

impl<T, H: Handler, F: Future<Output = Result<T>>> Future for Run<'_, H, F> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let mut this = self.project();
        // Past the end, where nobody polls.
        let Some(station) = *this.station else { return Poll::Pending };
        let polled = panics::catch(|| match this.call.as_mut().as_pin_mut() {
            Some(call) => call.poll(cx),
            None => Poll::Pending,
        });
        let cut = match polled {
            Ok(Poll::Ready(outcome)) => {
                *this.station = None;
                return Poll::Ready(outcome);
            }
            Ok(Poll::Pending) => {
                let is_first = !std::mem::replace(this.waits, true);
                station.sleep(this.waiter, is_first, cx.waker());
                if is_first {
                    let watch = this.pool.watch();
                    let deadline = this.limit.start(this.caller.waiting_frame(), watch.epoch());
                    station.seat.deadline.store(deadline, Ordering::SeqCst);
                    watch.expect(deadline);
                }
                match verdict(&station.seat) {
                    Some(cut) => cut,
                    None => return Poll::Pending,
                }
            }
            Err(panic) => Cut::Panic(panic),
        };
        *this.station = None;
        if !matches!(cut, Cut::Panic(_)) {
            Gone::mark(&station.seat);
        }
        // A second panic has nobody to go to; the replica has seen it all the same.
        let _ = panics::catch(|| this.call.set(None));
        Poll::Ready(Err(cut.into_error(this.pool.name())))
    }
}

/// How a call is taken apart that has not ended. Whoever drops one says so in its seat; a call that is
/// taken apart without that has panicked, and took itself apart.
pub(crate) struct Gone;

impl Gone {
    const BY_ITSELF: u8 = 0;
    const DROPPED: u8 = 1;
    const DROPPED_IN_A_PANIC: u8 = 2;

    fn mark(seat: &Seat) {
        let mark = if thread::panicking() { Self::DROPPED_IN_A_PANIC } else { Self::DROPPED };
        seat.gone.store(mark, Ordering::Relaxed);
    }

    /// What has to become of the replica, asked while its call is taken apart; and whether somebody
    /// drops the call, who hears nothing of it.
    pub(crate) fn fate(seat: &Seat) -> (Fate, bool) {
        let mark = seat.gone.load(Ordering::Relaxed);
        seat.gone.store(Self::BY_ITSELF, Ordering::Relaxed);
        match mark {
            Self::BY_ITSELF => (Fate::Broken, false),
            // Something of the call panicked on the way out.
            Self::DROPPED if thread::panicking() => (Fate::Broken, true),
            _ => (Fate::Cut, true),
        }
    }
}

/// Whether the call in a seat is to end, looked at after the waker was left there.
fn verdict(seat: &Seat) -> Option<Cut> {
    if seat.expired.load(Ordering::Acquire) == seat.turn.load(Ordering::Relaxed) {
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
    caller: Caller<'_>,
    limit: Limit,
) -> (Option<Box<Replica<H>>>, Result<Answer<H>>) {
    let home = replica.home.clone();
    let mut parts = Parts::new(&home, caller, limit);
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
    let (done, outcome, written) = letter();
    // In a box, so that not every handler has all that tokio makes for a kind of task.
    let job: Box<dyn FnOnce() + Send> = Box::new(move || {
        let outcome = panics::catch(|| match &mut replica.work {
            Work::Real(state) => {
                let mut call = pin!(H::handle(state, values));
                // A plain function has no point at which it could wait: it is done when it was polled.
                match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(output) => output.into_value(),
                    Poll::Pending => Err(Error::internal("a blocking handler did not block")),
                }
            }
            Work::Fake(_) | Work::Unmade => {
                Err(Error::internal("a fake became a blocking handler"))
            }
        });
        done.write((replica, outcome));
    });
    tokio::task::spawn_blocking(job);
    // No signal: the runtime is being shut down, and everything with it.
    match written.await.ok().and_then(|()| outcome.take()) {
        Some((replica, Ok(outcome))) => (Some(replica), outcome),
        Some((replica, Err(panic))) => (Some(replica), Err(panicked(&home.name, &*panic))),
        None => (None, Err(stopping())),
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
