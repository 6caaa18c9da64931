//! The queue behind a pool: who waits for a replica, in the order of coming.
//!
//! Two kinds of ticket stand in one line, so that a dispatch and a call are served in the order in
//! which they came. A caller's ticket is a [`Waiter`], which is handed the replica itself; a dispatch's
//! ticket is the message.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

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

/// A blank left behind costs its place in the queue only; beyond this many the queue is swept.
const BLANKS: usize = 32;

impl<R, M> Line<R, M> {
    pub(crate) fn new(limit: usize) -> Self {
        let queue = Queue { tickets: VecDeque::new(), live: 0, closed: false };
        Line { queue: Mutex::new(queue), waiting: AtomicBool::new(false), limit }
    }

    /// Whether somebody waits. Read before taking a free replica, so that nobody overtakes the line.
    pub(crate) fn has_tickets(&self) -> bool {
        self.waiting.load(Ordering::Acquire)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().live
    }

    /// Joins the line as a caller.
    pub(crate) fn join(&self) -> Result<Arc<Waiter<R>>, Refusal> {
        let waiter = Arc::new(Waiter { state: Mutex::new(State::Waiting(None)) });
        match self.push(Ticket::Caller(waiter.clone())) {
            Ok(()) => Ok(waiter),
            Err((refusal, _)) => Err(refusal),
        }
    }

    /// Puts a message into the line.
    pub(crate) fn put(&self, message: M) -> Result<(), (Refusal, M)> {
        self.push(Ticket::Message(message)).map_err(|(refusal, ticket)| match ticket {
            Ticket::Message(message) => (refusal, message),
            Ticket::Caller(_) => unreachable!("the ticket that comes back is the one that went in"),
        })
    }

    fn push(&self, ticket: Ticket<R, M>) -> Result<(), (Refusal, Ticket<R, M>)> {
        let mut queue = self.lock();
        if queue.closed {
            return Err((Refusal::Closed, ticket));
        }
        if queue.live >= self.limit {
            return Err((Refusal::Full, ticket));
        }
        queue.live += 1;
        queue.tickets.push_back(ticket);
        self.waiting.store(true, Ordering::Release);
        Ok(())
    }

    /// Takes the first ticket that still wants something. A caller is granted the replica under the
    /// same lock, so that it cannot leave in between.
    pub(crate) fn serve(&self, mut replica: R) -> Served<R, M> {
        let mut queue = self.lock();
        let mut woken = None;
        let served = loop {
            match queue.tickets.pop_front() {
                None => break Served::Nobody(replica),
                Some(Ticket::Message(message)) => {
                    queue.live -= 1;
                    break Served::Message(replica, message);
                }
                Some(Ticket::Caller(waiter)) => match waiter.grant(replica) {
                    Ok(waker) => {
                        queue.live -= 1;
                        woken = waker;
                        break Served::Caller;
                    }
                    // A blank, counted off when its caller left.
                    Err(back) => replica = back,
                },
            }
        };
        if queue.tickets.is_empty() {
            queue.settle(&self.waiting);
        }
        drop(queue);
        // Woken without the lock: a waker may run anything.
        if let Some(waker) = woken {
            waker.wake();
        }
        served
    }

    /// A caller gives its place up. What it had been granted meanwhile comes back.
    pub(crate) fn leave(&self, waiter: &Waiter<R>) -> Option<R> {
        // The lock of the line is held around the change of the waiter: `serve` decides under the same
        // lock whether the ticket still counts.
        let mut queue = self.lock();
        let state = std::mem::replace(&mut *waiter.lock(), State::Left);
        match state {
            State::Waiting(_) => {
                queue.live = queue.live.saturating_sub(1);
                if queue.tickets.len() > queue.live + BLANKS.max(queue.live) {
                    queue.sweep();
                }
                None
            }
            State::Granted(replica) => Some(replica),
            State::Refused | State::Left => None,
        }
    }

    /// Nobody may join any more; every caller is refused, and the messages come back.
    pub(crate) fn close(&self) -> Vec<M> {
        let tickets = {
            let mut queue = self.lock();
            queue.closed = true;
            queue.live = 0;
            let tickets = std::mem::take(&mut queue.tickets);
            queue.settle(&self.waiting);
            tickets
        };
        let mut messages = Vec::new();
        for ticket in tickets {
            match ticket {
                Ticket::Caller(waiter) => waiter.refuse(),
                Ticket::Message(message) => messages.push(message),
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
    /// An empty queue says so, and gives back the memory of a burst.
    fn settle(&mut self, waiting: &AtomicBool) {
        waiting.store(false, Ordering::Release);
        if self.tickets.capacity() > 4096 {
            self.tickets = VecDeque::new();
        }
    }

    fn sweep(&mut self) {
        self.tickets.retain(|ticket| match ticket {
            Ticket::Caller(waiter) => !waiter.has_left(),
            Ticket::Message(_) => true,
        });
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

/// A caller in the line.
pub(crate) struct Waiter<R> {
    state: Mutex<State<R>>,
}

enum State<R> {
    Waiting(Option<Waker>),
    Granted(R),
    Refused,
    Left,
}

impl<R> Waiter<R> {
    /// The replica once it has been granted; `None` if the line was closed.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<R>> {
        let mut state = self.lock();
        match &mut *state {
            State::Waiting(waker) => {
                match waker {
                    Some(waker) if waker.will_wake(cx.waker()) => {}
                    waker => *waker = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
            State::Granted(_) => match std::mem::replace(&mut *state, State::Left) {
                State::Granted(replica) => Poll::Ready(Some(replica)),
                _ => Poll::Ready(None),
            },
            State::Refused | State::Left => Poll::Ready(None),
        }
    }

    /// Hands the replica over; whom to wake comes back.
    fn grant(&self, replica: R) -> Result<Option<Waker>, R> {
        let mut state = self.lock();
        match &mut *state {
            State::Waiting(waker) => {
                let waker = waker.take();
                *state = State::Granted(replica);
                Ok(waker)
            }
            State::Granted(_) | State::Refused | State::Left => Err(replica),
        }
    }

    fn refuse(&self) {
        let waker = {
            let mut state = self.lock();
            match &mut *state {
                State::Waiting(waker) => {
                    let waker = waker.take();
                    *state = State::Refused;
                    waker
                }
                State::Granted(_) | State::Refused | State::Left => None,
            }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn has_left(&self) -> bool {
        matches!(*self.lock(), State::Left)
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted<R>(waiter: &Waiter<R>) -> Option<R> {
        match waiter.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(replica) => replica,
            Poll::Pending => None,
        }
    }

    #[test]
    fn tickets_are_served_in_the_order_of_coming() {
        let line: Line<u8, &str> = Line::new(8);
        let first = line.join().unwrap();
        line.put("second").unwrap();
        let third = line.join().unwrap();
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
        let first = line.join().unwrap();
        line.put("second").unwrap();
        assert_eq!(line.join().err(), Some(Refusal::Full));
        assert_eq!(line.leave(&first), None);
        assert_eq!(line.len(), 1);
        let third = line.join().unwrap();
        assert!(matches!(line.serve(1), Served::Message(1, "second")));
        assert!(matches!(line.serve(2), Served::Caller));
        assert_eq!(line.leave(&third), Some(2), "what was granted comes back");
        assert_eq!(line.len(), 0);
    }

    #[test]
    fn blanks_do_not_pile_up() {
        let line: Line<u8, ()> = Line::new(4);
        for _ in 0..10_000 {
            let waiter = line.join().unwrap();
            line.leave(&waiter);
        }
        assert!(line.lock().tickets.len() <= 2 * BLANKS + 1);
        assert!(matches!(line.serve(1), Served::Nobody(1)));
    }

    #[test]
    fn a_closed_line_refuses_everybody_and_returns_the_messages() {
        let line: Line<u8, &str> = Line::new(4);
        let waiter = line.join().unwrap();
        line.put("kept").unwrap();
        assert_eq!(line.close(), ["kept"]);
        assert!(matches!(
            waiter.poll(&mut Context::from_waker(Waker::noop())),
            Poll::Ready(None)
        ));
        assert_eq!(line.put("late").err(), Some((Refusal::Closed, "late")));
    }
}
