//! The queue behind a pool: who waits for a replica, in the order of coming.
//!
//! Two kinds of ticket stand in one line, so that a dispatch and a call are served in the order in
//! which they came. A caller's ticket is a [`Waiter`], which is handed the replica itself; a dispatch's
//! ticket is the message.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering, compiler_fence, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crossbeam_utils::atomic::AtomicCell;

use crate::context::{Frame, Origin};
use crate::replica::aside;

/// What waits: callers for a replica `R`, and messages `M`.
pub(crate) enum Ticket<R, M> {
    Caller(Arc<Waiter<R>>),
    Message(M),
}

/// The line itself.
pub(crate) struct Line<R, M> {
    queue: Mutex<Queue<R, M>>,
    /// Whether any ticket stands in the queue: what the fast path reads instead of the lock.
    waiting: AtomicBool,
    /// Messages that were taken along and have not begun.
    taken: AtomicUsize,
    limit: usize,
}

struct Queue<R, M> {
    tickets: VecDeque<Ticket<R, M>>,
    /// How many tickets still want something: a caller that left stays in the queue as a blank.
    live: usize,
    closed: bool,
}

/// Why nobody may join the line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// Where in the line a ticket came to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nobody stood there: whoever joined has to look for a replica that came free just before.
    First,
    /// Whoever is first has looked, and replicas that come free go to the line from then on.
    Behind,
}

/// A blank left behind costs its place in the queue only; beyond this many the queue is swept.
const BLANKS: usize = 32;

/// How many messages are taken out of the line at once.
const BATCH: usize = 32;

impl<R, M> Line<R, M> {
    pub(crate) fn new(limit: usize) -> Self {
        let queue = Queue { tickets: VecDeque::new(), live: 0, closed: false };
        Line {
            queue: Mutex::new(queue),
            waiting: AtomicBool::new(false),
            taken: AtomicUsize::new(0),
            limit,
        }
    }

    /// Whether somebody waits. Read before taking a free replica, so that nobody overtakes the line.
    pub(crate) fn has_tickets(&self) -> bool {
        self.waiting.load(Ordering::Acquire)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().live + self.taken.load(Ordering::Relaxed)
    }

    /// Joins the line as a caller that waits until the deadline, and is to be woken when that is over.
    /// The origin is there if it is a handler that waits.
    pub(crate) fn join(
        &self,
        deadline: u64,
        origin: Option<Origin>,
        waker: Waker,
    ) -> Result<(Arc<Waiter<R>>, Place), Refusal> {
        let waiter = Arc::new(Waiter::new(deadline, origin, waker, true));
        let place = self.push(Ticket::Caller(waiter.clone()))?;
        Ok((waiter, place))
    }

    /// Puts a message into the line.
    pub(crate) fn put(&self, message: M) -> Result<Place, Refusal> {
        self.push(Ticket::Message(message))
    }

    fn push(&self, ticket: Ticket<R, M>) -> Result<Place, Refusal> {
        let mut queue = self.lock();
        if queue.closed {
            return Err(Refusal::Closed);
        }
        if queue.live + self.taken.load(Ordering::Relaxed) >= self.limit {
            return Err(Refusal::Full);
        }
        let place = if queue.tickets.is_empty() { Place::First } else { Place::Behind };
        queue.live += 1;
        queue.tickets.push_back(ticket);
        if place == Place::First {
            self.waiting.store(true, Ordering::Release);
        }
        Ok(place)
    }

    /// Takes the first ticket that still wants something, and grants a caller the replica.
    pub(crate) fn serve(&self, mut replica: R) -> Served<R, M> {
        loop {
            let ticket = {
                let mut queue = self.lock();
                let ticket = queue.next();
                if queue.tickets.is_empty() {
                    queue.settle(&self.waiting);
                }
                ticket
            };
            // Granted without the lock of the line, which everybody wants at such a time.
            match ticket {
                None => return Served::Nobody(replica),
                Some(Ticket::Message(message)) => return Served::Message(replica, message),
                Some(Ticket::Caller(waiter)) => match waiter.grant(replica) {
                    Ok(()) => return Served::Caller,
                    // It left in this very moment.
                    Err(back) => replica = back,
                },
            }
        }
    }

    /// Takes the next messages along, as long as messages are first, so that many small ones do not lock
    /// the line one by one. They wait with whoever took them, and count until [`begin`](Self::begin):
    /// only for a line with one replica, where nobody else could serve them meanwhile.
    pub(crate) fn take_messages(&self, into: &mut VecDeque<M>) {
        let mut queue = self.lock();
        while into.len() < BATCH
            && let Some(Ticket::Message(_)) = queue.tickets.front()
            && let Some(Ticket::Message(message)) = queue.tickets.pop_front()
        {
            into.push_back(message);
        }
        self.taken.store(into.len(), Ordering::Relaxed);
        queue.live -= into.len();
        if queue.tickets.is_empty() {
            queue.settle(&self.waiting);
        }
    }

    /// One of the messages that were taken along is begun.
    pub(crate) fn begin(&self) {
        // Only the one who took them writes.
        self.taken.store(self.taken.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
    }

    /// Gives messages back that were taken and not run; they are first again. A closed line takes none:
    /// they come back.
    pub(crate) fn put_back(&self, mut messages: VecDeque<M>) -> VecDeque<M> {
        let mut queue = self.lock();
        self.taken.store(0, Ordering::Relaxed);
        if queue.closed || messages.is_empty() {
            return messages;
        }
        queue.live += messages.len();
        while let Some(message) = messages.pop_back() {
            queue.tickets.push_front(Ticket::Message(message));
        }
        self.waiting.store(true, Ordering::Release);
        messages
    }

    /// Ends the waiting of callers whose time is over; says the earliest deadline that is left.
    pub(crate) fn expire(&self, now: u64) -> u64 {
        let mut late = Vec::new();
        let earliest = {
            let mut queue = self.lock();
            let mut earliest = u64::MAX;
            for ticket in &queue.tickets {
                if let Ticket::Caller(waiter) = ticket
                    && waiter.is_queued()
                {
                    if waiter.deadline <= now {
                        waiter.end(LATE);
                        late.push(waiter.clone());
                    } else {
                        earliest = earliest.min(waiter.deadline);
                    }
                }
            }
            queue.live -= late.len();
            if !late.is_empty() {
                queue.sweep();
                if queue.tickets.is_empty() {
                    queue.settle(&self.waiting);
                }
            }
            earliest
        };
        late.iter().for_each(|waiter| waiter.wake());
        earliest
    }

    /// The handlers that wait here.
    pub(crate) fn callers(&self) -> Vec<Arc<Frame>> {
        let mut callers = Vec::new();
        for ticket in &self.lock().tickets {
            if let Ticket::Caller(waiter) = ticket
                && waiter.is_queued()
                && let Some(origin) = &waiter.origin
                && let Some(frame) = origin.waiting_frame()
            {
                callers.push(frame.clone());
            }
        }
        callers
    }

    /// A caller gives its place up. What it had been granted meanwhile comes back.
    pub(crate) fn leave(&self, waiter: &Waiter<R>) -> Option<R> {
        {
            let mut queue = self.lock();
            if waiter.is_queued() {
                waiter.queued.store(false, Ordering::Relaxed);
                queue.live -= 1;
                if queue.tickets.len() > queue.live + BLANKS.max(queue.live) {
                    queue.sweep();
                }
                return None;
            }
        }
        waiter.leave()
    }

    /// The same place for a caller that now is polled by another task; `None` if it stands in line no
    /// more.
    pub(crate) fn change_waker(
        &self,
        waiter: &Arc<Waiter<R>>,
        waker: Waker,
    ) -> Option<Arc<Waiter<R>>> {
        let mut queue = self.lock();
        for ticket in &mut queue.tickets {
            if let Ticket::Caller(other) = ticket
                && Arc::ptr_eq(other, waiter)
                && waiter.is_queued()
            {
                let (deadline, origin) = (waiter.deadline, waiter.origin.clone());
                let moved = Arc::new(Waiter::new(deadline, origin, waker, true));
                waiter.queued.store(false, Ordering::Relaxed);
                *ticket = Ticket::Caller(moved.clone());
                return Some(moved);
            }
        }
        None
    }

    /// Nobody may join any more; every caller is refused, and the messages come back.
    pub(crate) fn close(&self) -> VecDeque<M> {
        let mut tickets = {
            let mut queue = self.lock();
            queue.closed = true;
            queue.live = 0;
            let tickets = std::mem::take(&mut queue.tickets);
            queue.settle(&self.waiting);
            tickets
        };
        let mut messages = VecDeque::new();
        while let Some(ticket) = tickets.pop_front() {
            match ticket {
                Ticket::Caller(waiter) => {
                    if waiter.is_queued() {
                        waiter.end(REFUSED);
                        waiter.wake();
                    }
                }
                Ticket::Message(message) => messages.push_back(message),
            }
        }
        messages
    }

    fn lock(&self) -> MutexGuard<'_, Queue<R, M>> {
        // Nothing under this lock runs a user's code, so a poisoned queue is still whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R, M> Queue<R, M> {
    /// The first ticket that still wants something.
    fn next(&mut self) -> Option<Ticket<R, M>> {
        loop {
            let ticket = self.tickets.pop_front()?;
            match &ticket {
                Ticket::Caller(waiter) if !waiter.is_queued() => continue,
                Ticket::Caller(waiter) => waiter.queued.store(false, Ordering::Relaxed),
                Ticket::Message(_) => {}
            }
            self.live -= 1;
            return Some(ticket);
        }
    }

    /// An empty queue says so, and gives back the memory of a burst.
    fn settle(&mut self, waiting: &AtomicBool) {
        waiting.store(false, Ordering::Release);
        if self.tickets.capacity() > 4096 {
            self.tickets = VecDeque::new();
        }
    }

    /// Drops the blanks. Once around, by what is compiled for every handler anyhow.
    fn sweep(&mut self) {
        for _ in 0..self.tickets.len() {
            match self.tickets.pop_front() {
                Some(Ticket::Caller(waiter)) if !waiter.is_queued() => {}
                Some(ticket) => self.tickets.push_back(ticket),
                None => return,
            }
        }
    }
}

/// What became of a replica that was offered to the line.
pub(crate) enum Served<R, M> {
    /// Nobody waits; the replica is back.
    Nobody(R),
    /// A caller has it.
    Caller,
    /// A message wants to run in it.
    Message(R, M),
}

/// A caller in the line, and later in its seat: who is to be woken, and for what.
///
/// Two threads meet here, and each has to fetch what the other has written. So there is no lock: what a
/// grant needs is written once by the caller, before it joins, and one swap hands the replica over.
pub(crate) struct Waiter<R> {
    /// The replica, from the grant until the caller fetches it.
    granted: AtomicCell<Option<R>>,
    /// How the waiting ended without a replica.
    ended: AtomicU8,
    /// In line: whether the caller leaves while it is being granted a replica. In a seat: whether it was
    /// roused.
    left: AtomicBool,
    /// Whether its ticket stands in the queue and counts. Written under the lock of the line.
    queued: AtomicBool,
    waker: Waker,
    deadline: u64,
    /// Whose call it is if a handler waits, for whoever looks for a ring.
    origin: Option<Origin>,
}

const WAITS: u8 = 0;
const REFUSED: u8 = 1;
const LATE: u8 = 2;

/// How waiting ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited<R> {
    Granted(R),
    Refused,
    Late,
}

impl<R> Waiter<R> {
    fn new(deadline: u64, origin: Option<Origin>, waker: Waker, queued: bool) -> Self {
        Waiter {
            granted: AtomicCell::new(None),
            ended: AtomicU8::new(WAITS),
            left: AtomicBool::new(false),
            queued: AtomicBool::new(queued),
            waker,
            deadline,
            origin,
        }
    }

    /// Who waits for something else than a place in line.
    pub(crate) fn aside(waker: Waker) -> Arc<Self> {
        Arc::new(Waiter::new(u64::MAX, None, waker, false))
    }

    /// Ready when the waiting is over.
    pub(crate) fn poll(&self) -> Poll<Waited<R>> {
        if let Some(replica) = self.granted.take() {
            return Poll::Ready(Waited::Granted(replica));
        }
        match self.ended.load(Ordering::Acquire) {
            WAITS => Poll::Pending,
            LATE => Poll::Ready(Waited::Late),
            _ => Poll::Ready(Waited::Refused),
        }
    }

    /// Whether the task is the one that will be woken.
    pub(crate) fn wakes(&self, waker: &Waker) -> bool {
        self.waker.will_wake(waker)
    }

    fn wake(&self) {
        aside::wake(&mut || self.waker.wake_by_ref());
    }

    /// Wakes a caller that slept in its seat, and sleeps there no more.
    pub(crate) fn rouse(&self) {
        self.left.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Whether nobody has roused it.
    pub(crate) fn is_asleep(&self) -> bool {
        !self.left.load(Ordering::SeqCst)
    }

    fn is_queued(&self) -> bool {
        self.queued.load(Ordering::Relaxed)
    }

    /// Hands the replica over. The ticket has been taken out of the queue, so nobody else ends the
    /// waiting, except the caller itself, which then looks for the replica after it has said so. One of
    /// the two finds it.
    fn grant(&self, replica: R) -> Result<(), R> {
        self.granted.store(Some(replica));
        after_swap();
        if self.left.load(Ordering::SeqCst)
            && let Some(back) = self.granted.take()
        {
            return Err(back);
        }
        self.wake();
        Ok(())
    }

    fn leave(&self) -> Option<R> {
        self.left.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        self.granted.take()
    }

    /// Ends the waiting without a replica, under the lock of the line.
    fn end(&self, with: u8) {
        self.queued.store(false, Ordering::Relaxed);
        self.ended.store(with, Ordering::Release);
    }
}

/// Keeps what follows the swap of a cell behind it, as two need who each write one thing and then read
/// the other's. On x86-64 the swap is such a barrier by itself, and only the compiler has to be told.
pub(crate) fn after_swap() {
    if cfg!(target_arch = "x86_64") {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: u64 = u64::MAX;

    fn noop() -> Waker {
        Waker::noop().clone()
    }

    fn granted<R>(waiter: &Waiter<R>) -> Option<R> {
        match waiter.poll() {
            Poll::Ready(Waited::Granted(replica)) => Some(replica),
            _ => None,
        }
    }

    #[test]
    fn tickets_are_served_in_the_order_of_coming() {
        let line: Line<u8, &str> = Line::new(8);
        let first = line.join(NEVER, None, noop()).unwrap().0;
        line.put("second").unwrap();
        let third = line.join(NEVER, None, noop()).unwrap().0;
        assert!(line.has_tickets());
        assert!(matches!(line.serve(1), Served::Caller));
        assert_eq!(granted(&first), Some(1));
        assert!(granted(&third).is_none());
        assert!(matches!(line.serve(2), Served::Message(2, "second")));
        assert!(matches!(line.serve(3), Served::Caller));
        assert_eq!(granted(&third), Some(3));
        assert!(!line.has_tickets());
        assert!(matches!(line.serve(4), Served::Nobody(4)));
    }

    #[test]
    fn a_full_line_refuses_and_a_caller_that_leaves_frees_its_place() {
        let line: Line<u8, &str> = Line::new(2);
        let first = line.join(NEVER, None, noop()).unwrap().0;
        line.put("second").unwrap();
        assert_eq!(line.join(NEVER, None, noop()).err(), Some(Refusal::Full));
        assert_eq!(line.leave(&first), None);
        assert_eq!(line.len(), 1);
        let third = line.join(NEVER, None, noop()).unwrap().0;
        assert!(matches!(line.serve(1), Served::Message(1, "second")));
        assert!(matches!(line.serve(2), Served::Caller));
        assert_eq!(line.leave(&third), Some(2), "what was granted comes back");
        assert_eq!(line.len(), 0);
    }

    #[test]
    fn blanks_do_not_pile_up() {
        let line: Line<u8, ()> = Line::new(4);
        for _ in 0..10_000 {
            let waiter = line.join(NEVER, None, noop()).unwrap().0;
            line.leave(&waiter);
        }
        assert!(line.lock().tickets.len() <= 2 * BLANKS + 1);
        assert!(matches!(line.serve(1), Served::Nobody(1)));
    }

    #[test]
    fn a_closed_line_refuses_everybody_and_returns_the_messages() {
        let line: Line<u8, &str> = Line::new(4);
        let waiter = line.join(NEVER, None, noop()).unwrap().0;
        line.put("kept").unwrap();
        assert_eq!(line.close(), ["kept"]);
        assert_eq!(waiter.poll(), Poll::Ready(Waited::Refused));
        assert_eq!(line.put("late").err(), Some(Refusal::Closed));
    }

    #[test]
    fn late_callers_end_and_the_others_keep_their_order() {
        let line: Line<u8, &str> = Line::new(4);
        let (late, place) = line.join(10, None, noop()).unwrap();
        assert_eq!(place, Place::First);
        let (early, place) = line.join(30, None, noop()).unwrap();
        assert_eq!(place, Place::Behind);
        assert_eq!(line.expire(20), 30);
        assert_eq!(line.len(), 1);
        assert_eq!(late.poll(), Poll::Ready(Waited::Late));
        assert_eq!(line.leave(&late), None);
        assert!(matches!(line.serve(1), Served::Caller));
        assert_eq!(granted(&early), Some(1));
        assert_eq!(line.len(), 0);
    }

    #[test]
    fn messages_come_in_batches_up_to_the_first_caller() {
        let line: Line<u8, u8> = Line::new(100);
        (0..8).for_each(|message| assert!(line.put(message).is_ok()));
        let _caller = line.join(NEVER, None, noop()).unwrap();
        (8..40).for_each(|message| assert!(line.put(message).is_ok()));
        let mut batch = VecDeque::new();
        line.take_messages(&mut batch);
        assert_eq!(batch, [0, 1, 2, 3, 4, 5, 6, 7], "nobody overtakes the caller");
        assert_eq!(line.len(), 41, "they count until they begin");
        batch.pop_front();
        line.begin();
        assert_eq!(line.len(), 40);
        assert!(line.put_back(batch).is_empty());
        assert_eq!(line.len(), 40);
        assert!(matches!(line.serve(1), Served::Message(1, 1)));
    }
}
