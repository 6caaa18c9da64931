//! The replicas of one handler and who may use them.
//!
//! A free replica stands in its slot, and taking it is one swap of a pointer: a call *owns* the
//! replica until it puts it back. With no replica free the call joins the [`Line`], and whoever gives
//! a replica back hands it to the first in line. Nobody overtakes: while somebody waits, a freed
//! replica never goes back to its slot.
//!
//! The two sides meet as in Dekker's algorithm: who leaves a replica in its slot looks at the line
//! *after* that, who joins the line looks at the slots *after* that, with a fence between on both
//! sides. So a replica is never free while somebody waits.

use std::any::TypeId;
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context as TaskContext, Poll, Waker, ready};
use std::time::Duration;

use crossbeam_utils::CachePadded;
use crossbeam_utils::atomic::AtomicCell;
use pin_project_lite::pin_project;
use tokio::runtime::Handle;

use crate::context::{BoxFuture, Caller, Context, Frame, Home, Limit, Origin, Seat, nanos};
use crate::error::{Error, Kind, Result};
use crate::exchange::{MultiBus, Target};
use crate::handler::{self, Answer, Building, Handler, IntoReply, Reads, Request, Spec};
use crate::message::{Payload, Reply};
use crate::middleware::Layered;
use crate::panics;
use crate::replica::aside;
use crate::replica::cycle::{self, Callers, WaitGraph};
use crate::replica::deadline::{self, NEVER, Watch};
use crate::replica::letter::{Writer, letter};
use crate::replica::line::{Line, Place, Refusal, Served, Waited, Waiter, after_swap};
use crate::replica::run::{self, Gone, Keep, Run};
use crate::route::{HttpOptions, Port, Ports};
use crate::state::SharedState;

/// What a pool is to be: the options of the handler as they came out of all sources.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) name: Arc<str>,
    pub(crate) doc: &'static str,
    /// Where the handler was declared; `None` for one that was added by hand.
    pub(crate) place: Option<handler::Place>,
    pub(crate) replicas: usize,
    pub(crate) queue: usize,
    /// `None` for no limit.
    pub(crate) timeout: Option<Duration>,
    /// The same as it was written, without the default.
    pub(crate) written_timeout: Option<Duration>,
    pub(crate) on: &'static [&'static str],
    /// The topics that it is known to emit; there may be others.
    pub(crate) emits: &'static [&'static str],
    pub(crate) internal: bool,
    pub(crate) public: bool,
    pub(crate) blocking: bool,
    pub(crate) detached: bool,
    pub(crate) rebuild_on_cancel: bool,
    pub(crate) body_limit: Option<usize>,
    pub(crate) http: HttpOptions,
    /// The entrance for files that it is instead of answering messages.
    pub(crate) entrance: Option<Port>,
    /// The entrances that it has beside `run`.
    pub(crate) ports: Ports,
    /// Whether it answers messages over HTTP.
    pub(crate) answers: bool,
    pub(crate) with: &'static [fn() -> Layered],
    /// What its message reads of a request.
    pub(crate) reads: Reads,
    /// Whether there is a replica for each stream that may be open, instead of `replicas`.
    pub(crate) per_stream: bool,
}

/// How long a call may take where nothing else is written.
const TIMEOUT: Duration = Duration::from_secs(30);

impl Options {
    pub(crate) fn of(spec: &Spec) -> Self {
        // In full, so that a new option has to be thought of here.
        let Spec {
            name,
            place,
            doc,
            replicas,
            queue,
            timeout,
            on,
            emits,
            internal,
            public,
            blocking,
            detached,
            rebuild_on_cancel,
            body_limit,
            http,
            port,
            ports,
            answers,
            with,
        } = *spec;
        Options {
            name: name.into(),
            doc,
            place: Some(place),
            replicas,
            queue,
            timeout: Some(timeout.unwrap_or(TIMEOUT)),
            written_timeout: timeout,
            on,
            emits,
            internal,
            public,
            blocking,
            detached,
            rebuild_on_cancel,
            body_limit,
            http,
            entrance: port,
            ports,
            answers,
            with,
            reads: Reads::Bytes,
            per_stream: false,
        }
    }
}

/// What stands in for a handler in a test.
pub(crate) type Fake<H> =
    dyn Fn(Request<H>, Context) -> BoxFuture<'static, Result<Answer<H>>> + Send + Sync;

/// The replicas of the handler `H`.
pub(crate) struct Pool<H: Handler> {
    options: Options,
    /// Which pool of its bus this is.
    number: u32,
    /// Where the replicas belong. Cache lines of its own for each: two threads that use two replicas do
    /// not meet.
    stations: Box<[CachePadded<Station<H>>]>,
    /// Among how many places threads begin to look for a free replica: one, where replicas are made when
    /// they are needed and those that are made shall be found first.
    spread: usize,
    /// In cache lines of its own: it is written at every call that waits, and what stands beside it is
    /// read at every call.
    line: CachePadded<Line<Box<Replica<H>>, Dispatch<H>>>,
    /// The timeout of the options, as limits have it.
    timeout: u64,
    /// Replicas whose call panicked, from the panic until it was logged.
    broken: Mutex<Vec<Box<Replica<H>>>>,
    graph: Arc<WaitGraph>,
    watch: Arc<Watch>,
    runtime: Handle,
    fake: Option<Arc<Fake<H>>>,
    /// For the tasks that outlive a call: workers, rebuilding, detached and blocking handlers.
    this: Weak<Pool<H>>,
    closed: AtomicBool,
    /// Detached calls that have not ended.
    apart: AtomicUsize,
    /// How many replicas are missing because `new` fails.
    missing: AtomicUsize,
    counts: Counts,
}

/// A caller, where it waits.
pub(crate) type KnownWaiter<H> = Arc<Waiter<Box<Replica<H>>>>;

/// Where one replica belongs.
pub(crate) struct Station<H: Handler> {
    /// The replica while it is free.
    free: AtomicCell<Option<Box<Replica<H>>>>,
    /// The task that waits in the call that the replica serves.
    sleeper: AtomicCell<Option<KnownWaiter<H>>>,
    pub(crate) seat: Arc<Seat>,
}

/// One instance of a handler, owned by one call at a time.
pub(crate) struct Replica<H: Handler> {
    /// Its number in the pool.
    slot: usize,
    seat: Arc<Seat>,
    pub(crate) home: Arc<Home>,
    pub(crate) work: Work<H>,
    /// The turn that the owner is in; the seat says the same to others.
    turn: u64,
}

/// What a replica does.
pub(crate) enum Work<H: Handler> {
    Real(H::Replica),
    Fake(Arc<Fake<H>>),
    /// Made by the first call that it serves.
    Unmade,
}

/// A message in the line. It has no caller that waits, so its whole context is who sent it.
pub(crate) struct Dispatch<H: Handler> {
    request: Request<H>,
    origin: Origin,
}

/// What has to become of a replica when its call ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The call ended by itself, or never began.
    Whole,
    /// The call was dropped or timed out.
    Cut,
    /// The handler panicked.
    Broken,
}

/// What happened in a pool since it began.
#[derive(Default)]
struct Counts {
    failed: AtomicU64,
    panicked: AtomicU64,
    timed_out: AtomicU64,
    refused: AtomicU64,
    missed: AtomicU64,
    limited: AtomicU64,
}

/// The figures of a handler at one moment. The counts are since the start of the manager. They are
/// read one after the other while calls go on, so their sums need not agree to the last call.
///
/// [`Running::figures`](crate::Running::figures) gives them.
///
/// ```
/// use manager_runtime::Figures;
///
/// fn is_healthy(figures: &Figures) -> bool {
///     figures.missing == 0 && figures.refused == 0
/// }
/// assert!(is_healthy(&Figures::default()));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figures {
    /// Calls that have begun, dispatched ones included.
    pub calls: u64,
    /// Replicas that serve a call right now.
    pub busy: usize,
    /// Calls and messages that wait for a replica.
    pub waiting: usize,
    /// Replicas that are being made anew. While there are any, the handler counts as degraded.
    pub missing: usize,
    /// Calls that ended with an error of the handler, or one that stands in no other count.
    pub failed: u64,
    /// Calls that panicked.
    pub panicked: u64,
    /// Calls whose deadline passed, in the queue or while they ran.
    pub timed_out: u64,
    /// Calls and messages that were refused because the queue was full.
    pub refused: u64,
    /// Events that this handler subscribed to and could not take.
    pub missed: u64,
    /// Requests over HTTP that were refused because their client made too many: the option `rate`, and the setting.
    pub limited: u64,
}

impl Figures {
    /// Those of two pools that are one handler.
    pub(crate) fn and(self, other: Figures) -> Figures {
        Figures {
            calls: self.calls + other.calls,
            busy: self.busy + other.busy,
            waiting: self.waiting + other.waiting,
            missing: self.missing + other.missing,
            failed: self.failed + other.failed,
            panicked: self.panicked + other.panicked,
            timed_out: self.timed_out + other.timed_out,
            refused: self.refused + other.refused,
            missed: self.missed + other.missed,
            limited: self.limited + other.limited,
        }
    }
}

impl<H: Handler> Pool<H> {
    pub(crate) fn new(
        options: Options,
        number: u32,
        graph: Arc<WaitGraph>,
        watch: Arc<Watch>,
        runtime: Handle,
        fake: Option<Arc<Fake<H>>>,
    ) -> Arc<Self> {
        let count = options.replicas.max(1);
        Arc::new_cyclic(|this| Pool {
            number,
            spread: if Self::makes_late(&options) { 1 } else { count },
            stations: (0..count).map(|_| CachePadded::new(Station::empty())).collect(),
            line: CachePadded::new(Line::new(options.queue)),
            timeout: options.timeout.map_or(NEVER, nanos),
            broken: Mutex::default(),
            graph,
            watch,
            runtime,
            fake,
            this: this.clone(),
            closed: AtomicBool::new(false),
            apart: AtomicUsize::new(0),
            missing: AtomicUsize::new(0),
            counts: Counts::default(),
            options,
        })
    }

    pub(crate) fn seats(&self) -> Vec<Arc<Seat>> {
        let mut seats = Vec::with_capacity(self.stations.len());
        for station in &self.stations {
            seats.push(station.seat.clone());
        }
        seats
    }

    pub(crate) fn name(&self) -> &str {
        &self.options.name
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Whether there are so many instances that they are made when they are needed.
    fn makes_late(options: &Options) -> bool {
        options.per_stream && TypeId::of::<H::Replica>() != TypeId::of::<()>()
    }

    /// Makes all replicas, or the first of those that are made late. The first `new` that fails ends it.
    pub(crate) async fn fill(&self, bus: &Arc<MultiBus>, state: &Arc<SharedState>) -> Result<()> {
        for (slot, station) in self.stations.iter().enumerate() {
            let seat = &station.seat;
            let home = Arc::new(Home {
                // A copy for each: a shared counter of references is a place where threads meet.
                name: Arc::from(&*self.options.name),
                bus: bus.clone(),
                state: state.clone(),
                pool: self.number,
                slot: slot as u32,
                seat: seat.clone(),
                epoch: self.watch.epoch(),
                is_command: false,
            });
            // The first one shows whether it can be made at all.
            let late = slot > 0 && self.fake.is_none() && Self::makes_late(&self.options);
            let work = if late { Work::Unmade } else { self.build(&home).await? };
            let seat = seat.clone();
            station.free.store(Some(Box::new(Replica { slot, seat, home, work, turn: 0 })));
        }
        Ok(())
    }

    /// Runs a call to its end in the caller's own task.
    fn perform<'a>(
        &'a self,
        request: Request<H>,
        caller: Caller<'a>,
        limit: Limit,
    ) -> impl Future<Output = Result<Answer<H>>> + Send + 'a {
        let run = Run::new(self, caller, limit);
        Performing { pool: self, request: Some(request), place: None, serve: run::serve, run }
    }

    /// Whether calls run in tasks of their own.
    fn is_apart(&self) -> bool {
        self.options.detached || self.options.blocking
    }

    fn limit(&self, timeout: Option<Duration>) -> Limit {
        Limit::new(timeout.map_or(self.timeout, nanos))
    }

    /// Runs a call that does not end with its caller, in a task of its own: a `detached` handler, or a
    /// `blocking` one, which nobody can interrupt. The caller waits beside it until its own deadline.
    async fn perform_apart(
        &self,
        request: Request<H>,
        origin: Origin,
        limit: Limit,
    ) -> Result<Answer<H>> {
        poll_fn(poll_budget).await;
        self.count(self.wait_apart(request, origin, limit).await)
    }

    async fn wait_apart(
        &self,
        request: Request<H>,
        origin: Origin,
        mut limit: Limit,
    ) -> Result<Answer<H>> {
        let Some(this) = self.this.upgrade() else { return Err(run::stopping()) };
        let (done, outcome, written) = letter();
        let caller = origin.clone();
        let caller = Caller::Origin(&caller);
        let replica = match self.options.blocking {
            true => Some(self.admit(caller, &mut limit).await?),
            false => None,
        };
        // Counted before it begins, so that a drain does not overlook it. A replica counts by itself.
        let apart = replica.is_none().then(|| Apart::begin(this.clone()));
        let (origin, waiting) = origin.apart();
        let inner = if replica.is_some() { limit } else { limit.detach() };
        self.spawn(async move {
            let caller = Caller::Origin(&origin);
            let outcome = match replica {
                Some(replica) => this.block(replica, request, caller, inner).await,
                None => this.detach(request, caller, inner).await,
            };
            this.hand_over(outcome, done);
            drop(apart);
        });
        let deadline = limit.start(caller.waiting_frame(), self.watch.epoch());
        let waited = match self.watch.epoch().instant(deadline) {
            Some(deadline) => tokio::time::timeout_at(deadline, written).await,
            None => Ok(written.await),
        };
        drop(waiting);
        match waited {
            Ok(written) => {
                let outcome = written.ok().and_then(|()| outcome.take());
                outcome.unwrap_or_else(|| Err(run::stopping()))
            }
            Err(_) => Err(run::timed_out(&self.options.name)),
        }
    }

    async fn detach(
        &self,
        request: Request<H>,
        caller: Caller<'_>,
        mut limit: Limit,
    ) -> Result<Answer<H>> {
        let replica = self.admit(caller, &mut limit).await?;
        replica.count_call();
        let station = self.station(&replica);
        let kept = Kept { pool: self, replica: Some(replica) };
        let serve = run::serve(kept, request, caller, limit);
        let run = Run::seated(self, station, (caller, limit), serve);
        run.await.inspect_err(|_| self.mend())
    }

    /// Runs a blocking function. The replica is given back when the function returns, which may be long
    /// after the caller has given up.
    async fn block(
        &self,
        replica: Box<Replica<H>>,
        request: Request<H>,
        caller: Caller<'_>,
        limit: Limit,
    ) -> Result<Answer<H>> {
        replica.count_call();
        let (replica, outcome) = run::run_blocking(replica, request, caller, limit).await;
        if let Some(replica) = replica {
            self.give_back(replica);
        }
        outcome
    }

    /// Gives an outcome to the caller. An error that nobody waits for any more is logged.
    fn hand_over(&self, outcome: Result<Answer<H>>, done: Writer<Result<Answer<H>>>) {
        if let Some(Err(error)) = done.write(outcome) {
            self.log_failure(&error, "a call failed after its caller had gone");
        }
    }

    fn log_failure(&self, error: &Error, what: &str) {
        aside::log_failure(&self.options.name, error, what);
    }

    /// A free replica, if there is one and nobody waits for it.
    fn take(&self) -> Option<Box<Replica<H>>> {
        if self.line.has_tickets() { None } else { self.take_any() }
    }

    fn take_any(&self) -> Option<Box<Replica<H>>> {
        // Each thread begins at a place of its own, and so finds the replica that is warm in its cache.
        let (before, from) = self.stations.split_at_checked(thread_place(self.spread))?;
        let mut replica = take_first(from).or_else(|| take_first(before))?;
        replica.begin_turn();
        Some(replica)
    }

    /// A replica: a free one, or the next that this caller is granted.
    async fn admit(&self, caller: Caller<'_>, limit: &mut Limit) -> Result<Box<Replica<H>>> {
        if let Some(replica) = self.take() {
            return Ok(replica);
        }
        let mut place = None;
        let admitted = poll_fn(|cx| self.poll_line(&mut place, caller, limit, cx)).await;
        admitted.map(|(replica, _)| replica)
    }

    /// Ready with the replica that a call waits for in line. Its place is kept beside it, and who stood
    /// there goes with the call.
    #[inline(never)]
    fn poll_wait<'a, F>(
        &'a self,
        place: &mut Option<PlaceInLine<'a, H>>,
        mut run: Pin<&mut Run<'a, H, F>>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<Box<Replica<H>>>> {
        let (caller, limit) = run.as_mut().terms();
        let (replica, waiter) = ready!(self.poll_line(place, caller, limit, cx))?;
        run.remember(waiter);
        Poll::Ready(Ok(replica))
    }

    /// An error that a call ends with.
    #[cold]
    fn fail<T>(&self, error: Error) -> Result<T> {
        self.count_failure(&error);
        self.mend();
        Err(error)
    }

    /// The same for anybody who has a caller. It joins the line if it has no place there.
    fn poll_line<'a>(
        &'a self,
        place: &mut Option<PlaceInLine<'a, H>>,
        caller: Caller<'_>,
        limit: &mut Limit,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<Admitted<H>>> {
        if let Some(place) = place {
            return place.poll(cx);
        }
        let (joined, at) = self.join(caller, limit, cx)?;
        let joined = place.insert(joined);
        match at {
            // Who is first may just have granted a replica to itself.
            Place::First => joined.poll(cx),
            Place::Behind => Poll::Pending,
        }
    }

    /// Joins the line for a replica, until the deadline.
    fn join(
        &self,
        caller: Caller<'_>,
        limit: &mut Limit,
        cx: &TaskContext<'_>,
    ) -> Result<(PlaceInLine<'_, H>, Place)> {
        let frame = caller.waiting_frame();
        // Who holds no replica keeps nobody waiting.
        let handler = frame.filter(|frame| frame.home.pool != u32::MAX);
        if let Some(handler) = handler {
            self.graph.note(handler, self.number);
        }
        let deadline = limit.start(frame, self.watch.epoch());
        let origin = handler.map(|_| caller.to_origin());
        let joined = self.line.join(deadline, origin, cx.waker().clone());
        let (waiter, place) = joined.map_err(|refusal| self.refuse(refusal))?;
        let mut in_line = PlaceInLine { pool: self, waiter: Some(waiter) };
        if place == Place::First {
            self.look_again();
        }
        if let Some(handler) = handler
            && self.graph.is_cycle(handler, self.number, || in_line.give_up())
        {
            return Err(self.cycle(handler));
        }
        self.watch.expect(deadline);
        Ok((in_line, place))
    }

    fn cycle(&self, caller: &Arc<Frame>) -> Error {
        let chain = cycle::describe(caller, &self.options.name);
        Error::cycle(format!("the call would wait for itself: {chain}"))
    }

    /// Puts a message into a replica, or into the line.
    fn accept(&self, request: Request<H>, origin: Origin) -> Result<()> {
        let dispatch = Dispatch { request, origin };
        match self.take() {
            Some(replica) => self.spawn_worker(replica, dispatch),
            None => {
                let put = self.line.put(dispatch).map_err(|refusal| self.refuse(refusal));
                let place = self.count(put)?;
                if place == Place::First {
                    self.look_again();
                }
            }
        }
        Ok(())
    }

    /// After joining the line: a replica that came free in between is handed to the line.
    fn look_again(&self) {
        fence(Ordering::SeqCst);
        // More than one may have come free, and others may have joined behind, who do not look.
        while self.line.has_tickets() {
            match self.take_any() {
                Some(replica) => self.give_back(replica),
                None => return,
            }
        }
    }

    fn give_back(&self, replica: Box<Replica<H>>) {
        if let Some((replica, dispatch)) = self.settle(replica) {
            self.spawn_worker(replica, dispatch);
        }
    }

    /// Gives the replica to the first in line, or puts it into its slot. A message that wants to run
    /// in it comes back with it.
    fn settle(&self, mut replica: Box<Replica<H>>) -> Option<(Box<Replica<H>>, Dispatch<H>)> {
        loop {
            if self.line.has_tickets() {
                // The next call is another turn: a frame of the last one holds nothing any more.
                self.forget_waiting(&replica);
                replica.next_turn();
                match self.line.serve(replica) {
                    Served::Caller => return None,
                    Served::Message(replica, dispatch) => return Some((replica, dispatch)),
                    Served::Nobody(back) => replica = back,
                }
            }
            self.forget_waiting(&replica);
            replica.end_turn();
            let free = &self.station(&replica).free;
            free.store(Some(replica));
            after_swap();
            if self.closed.load(Ordering::Relaxed) {
                self.discard(free.take());
                return None;
            }
            if !self.line.has_tickets() {
                return None;
            }
            replica = self.take_any()?;
        }
    }

    /// What the call of this turn left if it had to wait. The deadline goes before the turn: see
    /// [`SeatState::deadline`](crate::context::SeatState::deadline).
    #[inline]
    fn forget_waiting(&self, replica: &Replica<H>) {
        if replica.seat.deadline.load(Ordering::Relaxed) != 0 {
            replica.seat.deadline.store(0, Ordering::Relaxed);
            self.forget_sleeper(replica);
        }
    }

    /// A waker that stays is dropped by the next call, perhaps on another core, which would have to
    /// fetch the task for that.
    #[inline(never)]
    fn forget_sleeper(&self, replica: &Replica<H>) {
        let mut sleeper = self.station(replica).sleeper.take();
        aside::wake(&mut || drop(sleeper.take()));
    }

    /// Runs something in a task of its own. In a box, so that not every handler has all that tokio makes for
    /// a kind of task: that was a quarter of the functions of a handler.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(Box::pin(task) as BoxFuture<'static, ()>);
    }

    fn spawn_worker(&self, replica: Box<Replica<H>>, dispatch: Dispatch<H>) {
        if let Some(this) = self.this.upgrade() {
            self.spawn(this.work(replica, dispatch));
        }
    }

    /// Runs messages in one replica for as long as messages are first in line.
    async fn work(self: Arc<Self>, mut replica: Box<Replica<H>>, first: Dispatch<H>) {
        let mut batch = VecDeque::new();
        batch.push_back(first);
        while let Some(Dispatch { request, origin }) = batch.pop_front() {
            poll_fn(poll_budget).await;
            let caller = Caller::Origin(&origin);
            let limit = Limit::new(self.timeout);
            replica.count_call();
            let kept = if self.options.blocking {
                let (left, outcome) = run::run_blocking(replica, request, caller, limit).await;
                self.report(outcome);
                left
            } else {
                let mut permit = Permit::new(&*self, replica);
                let Permit { replica: Some(replica), fate, .. } = &mut permit else { return };
                let outcome = self.lend(replica, fate, request, (caller, limit)).await;
                self.report(outcome);
                match permit.keep() {
                    Ok(replica) => Some(replica),
                    Err(permit) => {
                        // It is made anew when the permit goes. What this worker had taken along is
                        // first in line before that, or a later message could overtake it.
                        self.put_back(batch);
                        return drop(permit);
                    }
                }
            };
            let Some(kept) = kept else { return self.put_back(batch) };
            replica = kept;
            if self.closed.load(Ordering::Relaxed) {
                self.put_back(batch);
                return self.give_back(replica);
            }
            if batch.is_empty() {
                let Some((next, dispatch)) = self.settle(replica) else { return };
                replica = next;
                if self.stations.len() == 1 {
                    self.line.take_messages(&mut batch);
                }
                batch.push_front(dispatch);
            } else {
                self.line.begin();
                self.forget_waiting(&replica);
                replica.next_turn();
            }
        }
    }

    /// Runs one call in a replica that stays with the worker.
    fn lend<'a>(
        &'a self,
        replica: &'a mut Replica<H>,
        fate: &'a mut Fate,
        request: Request<H>,
        terms: (Caller<'a>, Limit),
    ) -> impl Future<Output = Result<Answer<H>>> + Send + 'a {
        *fate = Fate::Cut;
        let station = self.station(replica);
        let serve = run::serve(Lent { replica, fate }, request, terms.0, terms.1);
        Run::seated(self, station, terms, serve)
    }

    fn station(&self, replica: &Replica<H>) -> &Station<H> {
        &self.stations[replica.slot]
    }

    /// What became of a message, for the log: nobody waits for it. Whatever it returned is dropped here,
    /// and that runs the user's code.
    fn report(&self, outcome: Result<Answer<H>>) {
        let mut outcome = Some(outcome);
        aside::shield(&self.options.name, &mut || {
            if let Some(Err(error)) = outcome.take().map(|outcome| self.count(outcome)) {
                self.log_failure(&error, "a dispatched call failed");
            }
        });
    }

    /// Gives messages back to the line; after its end they are lost, and the log says so.
    fn put_back(&self, batch: VecDeque<Dispatch<H>>) {
        let lost = self.line.put_back(batch);
        if !lost.is_empty() {
            aside::log_lost(&self.options.name, lost.len());
            self.discard(lost);
        }
    }

    /// What becomes of a replica after a call.
    fn release(&self, replica: Box<Replica<H>>, fate: Fate) {
        if self.is_spent(&replica, fate) {
            self.rebuild(replica);
        } else {
            self.give_back(replica);
        }
    }

    /// What becomes of a replica whose call is being taken apart.
    #[cold]
    fn recover(&self, replica: Box<Replica<H>>) {
        match Gone::fate(&replica.seat) {
            // In the middle of its panic. The story is told first, by whoever catches it.
            (Fate::Broken, false) => self.lock_broken().push(replica),
            (fate, _) => self.release(replica, fate),
        }
    }

    /// Makes the replicas anew whose calls have panicked, now that this was logged.
    #[cold]
    fn mend(&self) {
        let broken = std::mem::take(&mut *self.lock_broken());
        broken.into_iter().for_each(|replica| self.release(replica, Fate::Broken));
    }

    fn lock_broken(&self) -> std::sync::MutexGuard<'_, Vec<Box<Replica<H>>>> {
        // Nothing under this lock runs a user's code, so it is whole.
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_spent(&self, replica: &Replica<H>, fate: Fate) -> bool {
        // A function keeps nothing from one call to the next, and neither does a fake.
        let stateless = TypeId::of::<H::Replica>() == TypeId::of::<()>()
            || matches!(replica.work, Work::Fake(_));
        match fate {
            Fate::Whole => false,
            Fate::Cut => !stateless && self.options.rebuild_on_cancel,
            Fate::Broken => !stateless,
        }
    }

    /// Makes a replica anew in its place. While `new` fails it is tried again, ever more slowly, and
    /// the handler counts as degraded.
    fn rebuild(&self, mut replica: Box<Replica<H>>) {
        let Some(this) = self.this.upgrade() else { return };
        self.forget_waiting(&replica);
        replica.end_turn();
        let (slot, seat, home) = (replica.slot, replica.seat.clone(), replica.home.clone());
        // The old instance goes first, so that the new one can have what it held.
        self.discard(Some(replica));
        if Self::makes_late(&self.options) {
            let turn = seat.turn.load(Ordering::Relaxed);
            let mut replica = Box::new(Replica { slot, seat, home, work: Work::Unmade, turn });
            replica.begin_turn();
            return self.give_back(replica);
        }
        self.missing.fetch_add(1, Ordering::Relaxed);
        self.spawn(async move {
            let mut pause = Duration::from_millis(100);
            let work = loop {
                if this.closed.load(Ordering::Relaxed) {
                    return;
                }
                match this.build(&home).await {
                    Ok(work) => break work,
                    Err(error) => {
                        aside::log_not_made(&this.options.name, &error, Some(pause));
                    }
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(10));
            };
            this.missing.fetch_sub(1, Ordering::Relaxed);
            let turn = seat.turn.load(Ordering::Relaxed);
            let mut replica = Box::new(Replica { slot, seat, home, work, turn });
            replica.begin_turn();
            this.give_back(replica);
        });
    }

    /// Drops instances or messages; their `Drop` is the user's and may panic.
    fn discard<T>(&self, what: T) {
        let mut what = Some(what);
        aside::shield(&self.options.name, &mut || drop(what.take()));
    }

    async fn build(&self, home: &Arc<Home>) -> Result<Work<H>> {
        match &self.fake {
            Some(fake) => Ok(Work::Fake(fake.clone())),
            None => build::<H>(home).await,
        }
    }

    fn refuse(&self, refusal: Refusal) -> Error {
        match refusal {
            Refusal::Closed => run::stopping(),
            Refusal::Full => Error::overloaded(format!(
                "all replicas of `{}` are busy and its queue is full",
                self.options.name
            )),
        }
    }

    fn count<T>(&self, outcome: Result<T>) -> Result<T> {
        if let Err(error) = &outcome {
            self.count_failure(error);
        }
        outcome
    }

    #[cold]
    fn count_failure(&self, error: &Error) {
        let counter = match error.kind() {
            Kind::Panicked => &self.counts.panicked,
            Kind::Timeout => &self.counts.timed_out,
            Kind::Overloaded => &self.counts.refused,
            _ => &self.counts.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Makes one instance.
async fn build<H: Handler>(home: &Home) -> Result<Work<H>> {
    let (bus, state) = (home.bus.clone(), home.state.clone());
    let nowhere = Home::nowhere(&home.name, &Origin::Program, bus, state);
    let building = Building { context: Context { frame: Frame::top(nowhere, Origin::Program) } };
    match run::catch(H::build(&building)).await {
        Ok(built) => built.map(Work::Real),
        Err(panic) => Err(Error::panicked(format!("`new` panicked{}", panics::story(&*panic)))),
    }
}

/// The right to use a replica; dropping it gives the replica back, or has it made anew.
struct Permit<P: Deref<Target = Pool<H>>, H: Handler> {
    pool: P,
    replica: Option<Box<Replica<H>>>,
    fate: Fate,
}

impl<P: Deref<Target = Pool<H>>, H: Handler> Permit<P, H> {
    fn new(pool: P, replica: Box<Replica<H>>) -> Self {
        Permit { pool, replica: Some(replica), fate: Fate::Whole }
    }

    /// Keeps the replica for another call, if it is fit for one; the permit comes back otherwise.
    fn keep(mut self) -> std::result::Result<Box<Replica<H>>, Self> {
        match self.replica.take() {
            Some(replica) if !self.pool.is_spent(&replica, self.fate) => Ok(replica),
            replica => {
                self.replica = replica;
                Err(self)
            }
        }
    }
}

impl<P: Deref<Target = Pool<H>>, H: Handler> Drop for Permit<P, H> {
    fn drop(&mut self) {
        if let Some(replica) = self.replica.take() {
            self.pool.release(replica, self.fate);
        }
    }
}

/// The replica of a call that runs in its caller's task.
struct Kept<'a, H: Handler> {
    pool: &'a Pool<H>,
    replica: Option<Box<Replica<H>>>,
}

impl<H: Handler> Keep<H> for Kept<'_, H> {
    fn replica(&mut self) -> Option<&mut Replica<H>> {
        self.replica.as_deref_mut()
    }

    fn finish(mut self) {
        if let Some(replica) = self.replica.take() {
            self.pool.give_back(replica);
        }
    }
}

impl<H: Handler> Drop for Kept<'_, H> {
    fn drop(&mut self) {
        if let Some(replica) = self.replica.take() {
            self.pool.recover(replica);
        }
    }
}

/// The replica of a message, which stays with the worker.
struct Lent<'a, H: Handler> {
    replica: &'a mut Replica<H>,
    fate: &'a mut Fate,
}

impl<H: Handler> Keep<H> for Lent<'_, H> {
    fn replica(&mut self) -> Option<&mut Replica<H>> {
        Some(self.replica)
    }

    fn finish(self) {
        *self.fate = Fate::Whole;
    }
}

impl<H: Handler> Drop for Lent<'_, H> {
    fn drop(&mut self) {
        if *self.fate != Fate::Whole {
            *self.fate = Gone::fate(&self.replica.seat).0;
        }
    }
}

pin_project! {
    /// A call, from the wish for a replica to the answer. One flat future that begins small: it is
    /// allocated for every call.
    struct Performing<'a, H: Handler, S, F> {
        pool: &'a Pool<H>,
        // Until the call has a replica.
        request: Option<Request<H>>,
        // While it waits for one.
        place: Option<PlaceInLine<'a, H>>,
        // Makes the call out of all that.
        serve: S,
        #[pin]
        run: Run<'a, H, F>,
    }
}

impl<'a, H, S, F> Future for Performing<'a, H, S, F>
where
    H: Handler,
    S: Fn(Kept<'a, H>, Request<H>, Caller<'a>, Limit) -> F,
    F: Future<Output = Result<Answer<H>>>,
{
    type Output = Result<Answer<H>>;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (pool, mut run) = (*this.pool, this.run);
        if this.request.is_some() {
            let free = if this.place.is_none() {
                ready!(poll_budget(cx));
                pool.take()
            } else {
                None
            };
            let replica = match free {
                Some(replica) => replica,
                None => match ready!(pool.poll_wait(this.place, run.as_mut(), cx)) {
                    Ok(replica) => replica,
                    Err(error) => {
                        *this.request = None;
                        return Poll::Ready(pool.fail(error));
                    }
                },
            };
            let Some(request) = this.request.take() else { return Poll::Pending };
            replica.count_call();
            let station = pool.station(&replica);
            let kept = Kept { pool, replica: Some(replica) };
            let (caller, limit) = run.as_mut().terms();
            let call = (this.serve)(kept, request, caller, *limit);
            run.as_mut().begin(station, call);
        }
        match ready!(run.poll(cx)) {
            Ok(answer) => Poll::Ready(Ok(answer)),
            Err(error) => Poll::Ready(pool.fail(error)),
        }
    }
}

/// A detached call that has not ended.
struct Apart<H: Handler>(Arc<Pool<H>>);

impl<H: Handler> Apart<H> {
    fn begin(pool: Arc<Pool<H>>) -> Self {
        pool.apart.fetch_add(1, Ordering::SeqCst);
        Apart(pool)
    }
}

impl<H: Handler> Drop for Apart<H> {
    fn drop(&mut self) {
        self.0.apart.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A place in line; dropping it gives the place up, and with it a replica that was just granted.
struct PlaceInLine<'a, H: Handler> {
    pool: &'a Pool<H>,
    /// Gone when the waiting has come to its end: then there is nothing left to give up.
    waiter: Option<KnownWaiter<H>>,
}

/// A replica, and who stood in line for it.
type Admitted<H> = (Box<Replica<H>>, Option<KnownWaiter<H>>);

impl<H: Handler> PlaceInLine<'_, H> {
    fn poll(&mut self, cx: &TaskContext<'_>) -> Poll<Result<Admitted<H>>> {
        let Some(waiter) = &self.waiter else { return Poll::Ready(Err(run::stopping())) };
        let Poll::Ready(waited) = waiter.poll() else {
            if !waiter.wakes(cx.waker()) {
                match self.pool.line.change_waker(waiter, cx.waker().clone()) {
                    Some(moved) => self.waiter = Some(moved),
                    // The end is on its way, and will wake another task.
                    None => cx.waker().wake_by_ref(),
                }
            }
            return Poll::Pending;
        };
        let waiter = self.waiter.take();
        Poll::Ready(match waited {
            Waited::Granted(replica) => Ok((replica, waiter)),
            Waited::Refused => Err(run::stopping()),
            Waited::Late => Err(Error::timeout(format!(
                "no replica of `{}` got free in time",
                self.pool.options.name
            ))),
        })
    }

    fn give_up(&mut self) {
        if let Some(waiter) = self.waiter.take()
            && let Some(replica) = self.pool.line.leave(&waiter)
        {
            self.pool.give_back(replica);
        }
    }
}

impl<H: Handler> Drop for PlaceInLine<'_, H> {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl<H: Handler> Station<H> {
    fn empty() -> Self {
        let (free, sleeper) = (AtomicCell::new(None), AtomicCell::new(None));
        Station { free, sleeper, seat: Arc::default() }
    }

    /// Leaves word who waits in the call. Whoever ends the call early says so before it looks here, so
    /// the caller looks for that after this.
    ///
    /// The waiter may be known already: from the line, the first time, or from here. Whoever waits more
    /// than twice, as a handler does that calls others, finds that it still is asleep, and writes
    /// nothing.
    pub(crate) fn sleep(&self, known: &mut Option<KnownWaiter<H>>, is_first: bool, waker: &Waker) {
        let fits = |waiter: &KnownWaiter<H>| waiter.is_asleep() && waiter.wakes(waker);
        if !is_first && known.as_ref().is_some_and(fits) {
            return;
        }
        let sleeper = if is_first { known.take() } else { self.sleeper.take() };
        let sleeper = sleeper.filter(fits).unwrap_or_else(|| Waiter::aside(waker.clone()));
        if !is_first {
            *known = Some(sleeper.clone());
        }
        self.sleeper.store(Some(sleeper));
        after_swap();
    }

    /// Wakes who waits in the call, after it was said that the call is to end.
    fn wake(&self) {
        fence(Ordering::SeqCst);
        if let Some(sleeper) = self.sleeper.take() {
            sleeper.rouse();
        }
    }
}

impl<H: Handler> Replica<H> {
    /// Makes the instance that the call is to run in. One that cannot be made is tried again by the next
    /// call.
    pub(crate) async fn make(&mut self) -> Result<()> {
        self.work = build::<H>(&self.home).await.map_err(|error| {
            let name = &self.home.name;
            aside::log_not_made(name, &error, None);
            Error::internal(format!("no instance of `{name}` could be made"))
        })?;
        Ok(())
    }

    fn begin_turn(&mut self) {
        debug_assert!(self.turn.is_multiple_of(2));
        self.set_turn(self.turn + 1);
    }

    fn next_turn(&mut self) {
        self.set_turn(self.turn + 2);
    }

    fn end_turn(&mut self) {
        self.set_turn(self.turn + 1);
    }

    fn set_turn(&mut self, turn: u64) {
        self.turn = turn;
        // Only the owner writes, so a plain store is enough.
        self.seat.turn.store(turn, Ordering::Release);
    }

    fn count_call(&self) {
        let calls = &self.seat.calls;
        calls.store(calls.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

impl<H: Handler> Target<H> for Arc<Pool<H>> {
    fn call<'a>(
        &'a self,
        request: Request<H>,
        caller: &'a Arc<Frame>,
        timeout: Option<Duration>,
    ) -> BoxFuture<'a, Result<Answer<H>>> {
        let limit = self.limit(timeout);
        if self.is_apart() {
            return Box::pin(self.perform_apart(request, Origin::Called(caller.clone()), limit));
        }
        // Made in its place: `Box::pin` would make it on the stack and copy all of it, most of which is
        // room for later.
        let room = Box::new_uninit();
        let call = Box::write(room, self.perform(request, Caller::Frame(caller), limit));
        Box::into_pin(call)
    }

    fn send(&self, request: Request<H>, origin: Origin) -> Result<()> {
        self.accept(request, origin)
    }
}

/// A pool as those see it who know its handler by name only.
pub(crate) trait Endpoint: Callers + 'static {
    fn options(&self) -> &Options;
    fn call(
        &self,
        payload: Payload,
        origin: Origin,
        timeout: Option<Duration>,
    ) -> BoxFuture<'_, Result<Reply>>;
    fn dispatch(&self, payload: Payload, origin: Origin) -> Result<()>;
    /// An event that this handler could not take.
    fn count_missed(&self);
    /// A request for this handler whose client made too many.
    fn count_limited(&self);
    fn fill<'a>(
        &'a self,
        bus: &'a Arc<MultiBus>,
        state: &'a Arc<SharedState>,
    ) -> BoxFuture<'a, Result<()>>;
    fn seats(&self) -> Vec<Arc<Seat>>;
    fn figures(&self) -> Figures;
    /// How many calls there have been, if none runs, waits or is about to.
    fn calls_at_rest(&self) -> Option<u64>;
    /// Ends the calls whose time is over; says the earliest deadline that is left.
    fn expire(&self, now: u64) -> u64;
    /// Ends it: who waits is refused, the replicas are dropped. Says how many messages and running calls
    /// were lost.
    fn close(&self) -> usize;
}

impl<H: Handler> Callers for Pool<H> {
    fn callers(&self) -> Vec<Arc<Frame>> {
        self.line.callers()
    }
}

impl<H: Handler> Endpoint for Pool<H> {
    fn options(&self) -> &Options {
        &self.options
    }

    fn call(
        &self,
        payload: Payload,
        origin: Origin,
        timeout: Option<Duration>,
    ) -> BoxFuture<'_, Result<Reply>> {
        Box::pin(async move {
            let request = run::read::<H>(payload, &self.options.name)?;
            let limit = self.limit(timeout);
            let answer = if self.is_apart() {
                Box::pin(self.perform_apart(request, origin, limit)).await?
            } else {
                self.perform(request, Caller::Origin(&origin), limit).await?
            };
            match panics::catch(|| H::Output::encode(answer)) {
                Ok(reply) => reply,
                Err(panic) => Err(run::panicked(&self.options.name, &*panic)),
            }
        })
    }

    fn dispatch(&self, payload: Payload, origin: Origin) -> Result<()> {
        // Read by the sender, who so hears at once that a message does not fit.
        self.accept(run::read::<H>(payload, &self.options.name)?, origin)
    }

    fn count_missed(&self) {
        self.counts.missed.fetch_add(1, Ordering::Relaxed);
    }

    fn count_limited(&self) {
        self.counts.limited.fetch_add(1, Ordering::Relaxed);
    }

    fn fill<'a>(
        &'a self,
        bus: &'a Arc<MultiBus>,
        state: &'a Arc<SharedState>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.fill(bus, state))
    }

    fn seats(&self) -> Vec<Arc<Seat>> {
        self.seats()
    }

    fn figures(&self) -> Figures {
        let count = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        let Counts { failed, panicked, timed_out, refused, missed, limited } = &self.counts;
        let (mut calls, mut busy) = (0, 0);
        for station in &self.stations {
            calls += count(&station.seat.calls);
            busy += (count(&station.seat.turn) % 2) as usize;
        }
        Figures {
            calls,
            busy,
            waiting: self.line.len(),
            missing: self.missing.load(Ordering::Relaxed),
            failed: count(failed),
            panicked: count(panicked),
            timed_out: count(timed_out),
            refused: count(refused),
            missed: count(missed),
            limited: count(limited),
        }
    }

    fn calls_at_rest(&self) -> Option<u64> {
        let apart = self.apart.load(Ordering::SeqCst);
        let figures = self.figures();
        (apart == 0 && figures.busy == 0 && figures.waiting == 0).then_some(figures.calls)
    }

    fn expire(&self, now: u64) -> u64 {
        let mut earliest = self.line.expire(now);
        for station in &self.stations {
            let running = deadline::expire(&station.seat, now, &mut || station.wake());
            earliest = earliest.min(running);
        }
        earliest
    }

    fn close(&self) -> usize {
        self.closed.store(true, Ordering::SeqCst);
        let messages = self.line.close();
        let mut lost = messages.len();
        self.discard(messages);
        fence(Ordering::SeqCst);
        for station in &self.stations {
            self.discard(station.free.take());
        }
        // What still runs is told to end; its replica is dropped when it is given back.
        for station in &self.stations {
            let seat = &station.seat;
            lost += usize::from(!seat.turn.load(Ordering::Acquire).is_multiple_of(2));
            seat.cut.store(true, Ordering::Release);
            station.wake();
        }
        lost
    }
}

/// The first replica that is free.
#[inline]
fn take_first<H: Handler>(stations: &[CachePadded<Station<H>>]) -> Option<Box<Replica<H>>> {
    for station in stations {
        if let Some(replica) = station.free.take() {
            return Some(replica);
        }
    }
    None
}

/// Where the current thread begins to look among so many places. Threads that come one after the other
/// begin far apart.
#[inline]
fn thread_place(count: usize) -> usize {
    static THREADS: AtomicU32 = AtomicU32::new(0);
    thread_local! {
        /// The golden ratio as many times over as threads came before, as a fraction of `u32`; 0 is no
        /// number yet.
        static PLACE: Cell<u32> = const { Cell::new(0) };
    }
    const GOLDEN: u32 = 0x9E37_79B9;
    let place = match PLACE.get() {
        0 => {
            let place = THREADS.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN) | 1;
            PLACE.set(place);
            place
        }
        place => place,
    };
    // The fraction of the count: a division would take as long as all the rest.
    ((u64::from(place) * count as u64) >> 32) as usize
}

/// Ready when this task may go on. A hot loop of calls that never wait must still let the timers and the
/// other tasks of its thread have their turn.
#[inline]
fn poll_budget(cx: &mut TaskContext<'_>) -> Poll<()> {
    tokio::task::coop::poll_proceed(cx).map(|budget| budget.made_progress())
}
