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
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, compiler_fence, fence};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crossbeam_utils::CachePadded;
use crossbeam_utils::atomic::AtomicCell;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::context::{BoxFuture, Caller, Context, Frame, Home, Limit, Origin, Seat};
use crate::error::{Error, Kind, Result};
use crate::exchange::{MultiBus, Target};
use crate::handler::{self, Answer, Building, Handler, IntoReply, Reads, Request, Spec};
use crate::message::{Payload, Reply};
use crate::middleware::Layered;
use crate::panics;
use crate::replica::cycle::{self, Callers, WaitGraph};
use crate::replica::deadline::{self, NEVER, Watch};
use crate::replica::line::{Line, Place, Refusal, Served, Waited, Waiter};
use crate::replica::run;
use crate::route::HttpOptions;
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
            with,
        } = *spec;
        Options {
            name: name.into(),
            doc,
            place: Some(place),
            replicas,
            queue,
            timeout: Some(timeout.unwrap_or(TIMEOUT)),
            on,
            emits,
            internal,
            public,
            blocking,
            detached,
            rebuild_on_cancel,
            body_limit,
            http,
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
    /// The free replicas, each at its own place. One cache line each: two threads that use two
    /// replicas do not meet.
    slots: Box<[CachePadded<Slot<H>>]>,
    line: Line<Box<Replica<H>>, Dispatch<H>>,
    seats: Vec<Arc<Seat>>,
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

type Slot<H> = AtomicCell<Option<Box<Replica<H>>>>;

/// One instance of a handler, owned by one call at a time.
pub(crate) struct Replica<H: Handler> {
    pub(crate) home: Arc<Home>,
    pub(crate) work: Work<H>,
    /// The turn that the owner is in; `home.seat` says the same to others.
    pub(crate) turn: u64,
}

/// What a replica does.
pub(crate) enum Work<H: Handler> {
    Real(H::Replica),
    Fake(Arc<Fake<H>>),
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
            slots: (0..count).map(|_| CachePadded::new(AtomicCell::new(None))).collect(),
            line: Line::new(options.queue),
            seats: (0..count).map(|_| Arc::default()).collect(),
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
        self.seats.clone()
    }

    /// Makes all replicas. The first `new` that fails ends it.
    pub(crate) async fn fill(&self, bus: &Arc<MultiBus>, state: &Arc<SharedState>) -> Result<()> {
        for (slot, seat) in self.seats.iter().enumerate() {
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
            let work = self.build(&home).await?;
            self.slots[slot].store(Some(Box::new(Replica { home, work, turn: 0 })));
        }
        Ok(())
    }

    /// Runs a call to its end: in the caller's own task, unless the handler asks for another place.
    // No `async fn`, for the same reason as `run::run`; what is rare is boxed apart.
    #[expect(clippy::manual_async_fn, reason = "an async fn keeps its arguments twice")]
    fn perform<'a>(
        &'a self,
        request: Request<H>,
        caller: Caller<'a>,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Result<Answer<H>>> + Send + 'a {
        async move {
            // A hot loop of calls that never wait must still let the timers and the other tasks of its
            // thread have their turn.
            tokio::task::consume_budget().await;
            let mut limit = Limit::new(timeout.or(self.options.timeout));
            if self.options.detached || self.options.blocking {
                let apart = Box::pin(self.perform_apart(request, &caller, limit));
                return self.count(apart.await);
            }
            let replica = match self.take() {
                Some(replica) => replica,
                None => match Box::pin(self.wait(&caller, &mut limit)).await {
                    Ok(replica) => replica,
                    Err(error) => return self.count(Err(error)),
                },
            };
            let mut permit = Permit::new(self, replica);
            let Permit { replica: Some(replica), fate, .. } = &mut permit else {
                return Err(run::stopping());
            };
            replica.count_call();
            self.count(run::run(replica, fate, &self.watch, request, &caller, limit).await)
        }
    }

    /// Runs a call that does not end with its caller, in a task of its own: a `detached` handler, or a
    /// `blocking` one, which nobody can interrupt. The caller waits beside it until its own deadline.
    async fn perform_apart(
        &self,
        request: Request<H>,
        caller: &Caller<'_>,
        mut limit: Limit,
    ) -> Result<Answer<H>> {
        let Some(this) = self.this.upgrade() else { return Err(run::stopping()) };
        let (done, outcome) = oneshot::channel();
        let origin = caller.to_origin();
        if self.options.blocking {
            let replica = self.admit(caller, &mut limit).await?;
            self.runtime.spawn(async move {
                let outcome = this.block(replica, request, &Caller::Origin(origin), limit).await;
                this.hand_over(outcome, done);
            });
        } else {
            // Counted before it begins, so that a drain does not overlook it.
            let apart = Apart::begin(this.clone());
            self.runtime.spawn(async move {
                let outcome = this.detach(request, &Caller::Origin(origin), limit.detach()).await;
                this.hand_over(outcome, done);
                drop(apart);
            });
        }
        let waited = match limit.start(caller.waiting_frame()) {
            Some(deadline) => tokio::time::timeout_at(deadline, outcome).await,
            None => Ok(outcome.await),
        };
        match waited {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(run::stopping()),
            Err(_) => Err(run::timed_out(&self.options.name)),
        }
    }

    async fn detach(
        &self,
        request: Request<H>,
        caller: &Caller<'_>,
        mut limit: Limit,
    ) -> Result<Answer<H>> {
        let replica = self.admit(caller, &mut limit).await?;
        let mut permit = Permit::new(self, replica);
        let Permit { replica: Some(replica), fate, .. } = &mut permit else {
            return Err(run::stopping());
        };
        replica.count_call();
        run::run(replica, fate, &self.watch, request, caller, limit).await
    }

    /// Runs a blocking function. The replica is given back when the function returns, which may be long
    /// after the caller has given up.
    async fn block(
        &self,
        replica: Box<Replica<H>>,
        request: Request<H>,
        caller: &Caller<'_>,
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
    fn hand_over(&self, outcome: Result<Answer<H>>, done: oneshot::Sender<Result<Answer<H>>>) {
        if let Err(Err(error)) = done.send(outcome) {
            self.log_failure(&error, "a call failed after its caller had gone");
        }
    }

    fn log_failure(&self, error: &Error, what: &str) {
        tracing::error!(handler = &*self.options.name, error = error.story(), "{what}");
    }

    /// A free replica, if there is one and nobody waits for it.
    fn take(&self) -> Option<Box<Replica<H>>> {
        if self.line.has_tickets() { None } else { self.take_any() }
    }

    fn take_any(&self) -> Option<Box<Replica<H>>> {
        let count = self.slots.len();
        // Each thread begins at a place of its own, and so finds the replica that is warm in its cache.
        let start = seat() % count;
        let (before, from) = self.slots.split_at(start);
        let mut replica = from.iter().chain(before).find_map(|slot| slot.take())?;
        replica.begin_turn();
        Some(replica)
    }

    /// A replica: a free one, or the next that this caller is granted. [`perform`](Self::perform) does
    /// the same with the waiting boxed, because its own future is what every call allocates.
    async fn admit(&self, caller: &Caller<'_>, limit: &mut Limit) -> Result<Box<Replica<H>>> {
        match self.take() {
            Some(replica) => Ok(replica),
            None => self.wait(caller, limit).await,
        }
    }

    /// Waits in line for a replica, until the deadline.
    async fn wait(&self, caller: &Caller<'_>, limit: &mut Limit) -> Result<Box<Replica<H>>> {
        let frame = caller.waiting_frame();
        // Who holds no replica keeps nobody waiting.
        let handler = frame.filter(|frame| frame.home.pool != u32::MAX);
        if let Some(handler) = handler {
            self.graph.note(handler, self.number);
        }
        let deadline = limit.start(frame).map_or(NEVER, |deadline| self.watch.number(deadline));
        let joined = self.line.join(deadline, handler.cloned());
        let (waiter, place) = joined.map_err(|refusal| self.refuse(refusal))?;
        let mut in_line = PlaceInLine { pool: self, waiter, over: false };
        if place == Place::First {
            self.look_again();
        }
        if let Some(handler) = handler
            && self.graph.is_cycle(handler, self.number, || in_line.give_up())
        {
            return Err(self.cycle(handler));
        }
        self.watch.expect(deadline);
        let waited = poll_fn(|cx| in_line.waiter.poll(cx)).await;
        in_line.over = true;
        match waited {
            Waited::Granted(replica) => Ok(replica),
            Waited::Refused => Err(run::stopping()),
            Waited::Late => Err(Error::timeout(format!(
                "no replica of `{}` got free in time",
                self.options.name
            ))),
        }
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
                replica.next_turn();
                match self.line.serve(replica) {
                    Served::Caller => return None,
                    Served::Message(replica, dispatch) => return Some((replica, dispatch)),
                    Served::Nobody(back) => replica = back,
                }
            }
            replica.end_turn();
            let slot = &self.slots[replica.home.slot as usize];
            slot.store(Some(replica));
            after_swap();
            if self.closed.load(Ordering::Relaxed) {
                self.discard(slot.take());
                return None;
            }
            if !self.line.has_tickets() {
                return None;
            }
            replica = self.take_any()?;
        }
    }

    fn spawn_worker(&self, replica: Box<Replica<H>>, dispatch: Dispatch<H>) {
        if let Some(this) = self.this.upgrade() {
            self.runtime.spawn(this.work(replica, dispatch));
        }
    }

    /// Runs messages in one replica for as long as messages are first in line.
    async fn work(self: Arc<Self>, mut replica: Box<Replica<H>>, first: Dispatch<H>) {
        let mut batch = VecDeque::from([first]);
        while let Some(Dispatch { request, origin }) = batch.pop_front() {
            tokio::task::consume_budget().await;
            let caller = Caller::Origin(origin);
            let limit = Limit::new(self.options.timeout);
            replica.count_call();
            let kept = if self.options.blocking {
                let (left, outcome) = run::run_blocking(replica, request, &caller, limit).await;
                self.report(outcome);
                left
            } else {
                let mut permit = Permit::new(&*self, replica);
                let Permit { replica: Some(replica), fate, .. } = &mut permit else { return };
                let outcome = run::run(replica, fate, &self.watch, request, &caller, limit).await;
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
                if self.slots.len() == 1 {
                    self.line.take_messages(&mut batch);
                }
                batch.push_front(dispatch);
            } else {
                self.line.begin();
                replica.next_turn();
            }
        }
    }

    /// What became of a message, for the log: nobody waits for it. Whatever it returned is dropped here,
    /// and that runs the user's code.
    fn report(&self, outcome: Result<Answer<H>>) {
        self.shield(|| {
            if let Err(error) = self.count(outcome) {
                self.log_failure(&error, "a dispatched call failed");
            }
        });
    }

    /// Gives messages back to the line; after its end they are lost, and the log says so.
    fn put_back(&self, batch: VecDeque<Dispatch<H>>) {
        let lost = self.line.put_back(batch);
        if !lost.is_empty() {
            tracing::error!(handler = &*self.options.name, lost = lost.len(), "messages were lost");
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
        replica.end_turn();
        let home = replica.home.clone();
        // The old instance goes first, so that the new one can have what it held.
        self.discard(Some(replica));
        self.missing.fetch_add(1, Ordering::Relaxed);
        self.runtime.spawn(async move {
            let mut pause = Duration::from_millis(100);
            let work = loop {
                if this.closed.load(Ordering::Relaxed) {
                    return;
                }
                match this.build(&home).await {
                    Ok(work) => break work,
                    Err(error) => {
                        let (name, error) = (&*this.options.name, error.story());
                        tracing::error!(handler = name, error, retry_in = ?pause, "`new` failed");
                    }
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(10));
            };
            this.missing.fetch_sub(1, Ordering::Relaxed);
            let turn = home.seat.turn.load(Ordering::Relaxed);
            let mut replica = Box::new(Replica { home, work, turn });
            replica.begin_turn();
            this.give_back(replica);
        });
    }

    /// Drops instances or messages; their `Drop` is the user's and may panic.
    fn discard<T>(&self, what: T) {
        self.shield(|| drop(what));
    }

    /// Runs something that drops what is the user's, and logs a panic in that.
    fn shield(&self, run: impl FnOnce()) {
        if let Err(panic) = panics::catch(run) {
            let (name, story) = (&*self.options.name, panics::story(&*panic));
            tracing::error!(handler = name, "something panicked while it was dropped{story}");
        }
    }

    async fn build(&self, home: &Arc<Home>) -> Result<Work<H>> {
        if let Some(fake) = &self.fake {
            return Ok(Work::Fake(fake.clone()));
        }
        let (bus, state) = (home.bus.clone(), home.state.clone());
        let nowhere = Home::nowhere(&self.options.name, &Origin::Program, bus, state);
        let building =
            Building { context: Context { frame: Frame::top(nowhere, Origin::Program) } };
        match run::catch(H::build(&building)).await {
            Ok(built) => built.map(Work::Real),
            Err(panic) => Err(Error::panicked(format!("`new` panicked{}", panics::story(&*panic)))),
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
            let counter = match error.kind() {
                Kind::Panicked => &self.counts.panicked,
                Kind::Timeout => &self.counts.timed_out,
                Kind::Overloaded => &self.counts.refused,
                _ => &self.counts.failed,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        outcome
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
    waiter: Arc<Waiter<Box<Replica<H>>>>,
    /// The waiting has come to its end: there is nothing left to give up.
    over: bool,
}

impl<H: Handler> PlaceInLine<'_, H> {
    fn give_up(&mut self) {
        if !std::mem::replace(&mut self.over, true)
            && let Some(replica) = self.pool.line.leave(&self.waiter)
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

impl<H: Handler> Replica<H> {
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
        // Only the owner writes, so plain stores are enough. The deadline goes before the turn: see
        // `SeatState::deadline`.
        self.home.seat.deadline.store(0, Ordering::Relaxed);
        self.home.seat.turn.store(turn, Ordering::Release);
    }

    fn count_call(&self) {
        let calls = &self.home.seat.calls;
        calls.store(calls.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

impl<H: Handler> Target<H> for Arc<Pool<H>> {
    fn call<'a>(
        &'a self,
        request: Request<H>,
        caller: Caller<'a>,
        timeout: Option<Duration>,
    ) -> BoxFuture<'a, Result<Answer<H>>> {
        Box::pin(self.perform(request, caller, timeout))
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
            let answer = self.perform(request, Caller::Origin(origin), timeout).await?;
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
        let seats = || self.seats.iter();
        let count = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        let Counts { failed, panicked, timed_out, refused, missed } = &self.counts;
        Figures {
            calls: seats().map(|seat| count(&seat.calls)).sum(),
            busy: seats().filter(|seat| count(&seat.turn) % 2 == 1).count(),
            waiting: self.line.len(),
            missing: self.missing.load(Ordering::Relaxed),
            failed: count(failed),
            panicked: count(panicked),
            timed_out: count(timed_out),
            refused: count(refused),
            missed: count(missed),
        }
    }

    fn calls_at_rest(&self) -> Option<u64> {
        let apart = self.apart.load(Ordering::SeqCst);
        let figures = self.figures();
        (apart == 0 && figures.busy == 0 && figures.waiting == 0).then_some(figures.calls)
    }

    fn expire(&self, now: u64) -> u64 {
        let running = self.seats.iter().map(|seat| deadline::expire(seat, now)).min();
        self.line.expire(now).min(running.unwrap_or(NEVER))
    }

    fn close(&self) -> usize {
        self.closed.store(true, Ordering::SeqCst);
        let messages = self.line.close();
        let mut lost = messages.len();
        self.discard(messages);
        fence(Ordering::SeqCst);
        for slot in &self.slots {
            self.discard(slot.take());
        }
        // What still runs is told to end; its replica is dropped when it is given back.
        for seat in &self.seats {
            lost += usize::from(!seat.turn.load(Ordering::Acquire).is_multiple_of(2));
            seat.cut.store(true, Ordering::Release);
            seat.waker.wake();
        }
        lost
    }
}

/// Keeps what follows the swap of a slot behind it, as the algorithm above needs. On x86-64 the
/// swap is such a barrier by itself, and only the compiler has to be told.
fn after_swap() {
    if cfg!(target_arch = "x86_64") {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// A number for the current thread, in order of first coming.
fn seat() -> usize {
    static SEATS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static SEAT: usize = SEATS.fetch_add(1, Ordering::Relaxed);
    }
    SEAT.with(|seat| *seat)
}
