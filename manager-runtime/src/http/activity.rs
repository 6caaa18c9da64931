//! What happens on a connection, as its socket and its requests tell each other.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::body::Intake;
use crate::edge::Edge;
use crate::http::bucket::Bucket;

/// What happens on a connection, shared by its socket and its requests.
pub(super) struct Activity {
    opened: Instant,
    edge: Arc<Edge>,
    /// Requests that are being answered.
    active: AtomicUsize,
    /// Requests that have begun.
    begun: AtomicU64,
    /// When the last one ended, in milliseconds after the connection was opened.
    idle_since: AtomicU64,
    /// Of HTTP/1.1, where one request follows another.
    intake: Arc<Intake>,
    /// HTTP has ended, and what follows has times of its own.
    handed_over: AtomicBool,
    /// A request asks for something else than HTTP.
    asks_to_upgrade: AtomicBool,
    /// Nothing has come for a while, so nothing need be kept ready for it.
    rests: AtomicBool,
    /// The client has done too much of something; the socket ends the connection.
    is_over: AtomicBool,
    tails: Tails,
    resets: Mutex<Bucket>,
}

/// How many streams a client may reset at once, and how many in a second after that. A browser that leaves a
/// page resets what is left of it, which is at most as many as may be open.
const RESETS: u64 = 500;
const RESETS_PER_SECOND: u64 = 50;

impl Activity {
    pub(super) fn new(edge: Arc<Edge>) -> Self {
        Activity {
            opened: Instant::now(),
            active: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            idle_since: AtomicU64::new(0),
            intake: Arc::new(Intake::new(edge.clone())),
            handed_over: AtomicBool::new(false),
            asks_to_upgrade: AtomicBool::new(false),
            rests: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            tails: Tails::default(),
            resets: Mutex::new(Bucket::new(RESETS, RESETS_PER_SECOND)),
            edge,
        }
    }

    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.active.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.intake.reset();
        Busy(self.clone())
    }

    pub(super) fn edge(&self) -> &Arc<Edge> {
        &self.edge
    }

    pub(super) fn is_busy(&self) -> bool {
        self.active.load(Ordering::Relaxed) > 0
    }

    /// How many requests have begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) fn idle_since(&self) -> Instant {
        self.opened + Duration::from_millis(self.idle_since.load(Ordering::Relaxed))
    }

    pub(super) fn is_handed_over(&self) -> bool {
        self.handed_over.load(Ordering::Relaxed)
    }

    pub(super) fn asks_to_upgrade(&self) -> bool {
        self.asks_to_upgrade.load(Ordering::Relaxed)
    }

    /// The socket has seen nothing for a while.
    pub(super) fn rest(&self) {
        self.rests.store(true, Ordering::Relaxed);
    }

    /// Whether there is nothing between two requests on the connection that is not on the socket: asked once,
    /// after the socket has seen nothing for a while.
    pub(super) fn takes_its_rest(&self) -> bool {
        self.rests.load(Ordering::Relaxed)
            && self.rests.swap(false, Ordering::Relaxed)
            && !self.is_busy()
            && !self.is_handed_over()
            && !self.asks_to_upgrade()
            && self.intake.is_over()
    }

    /// Whether the client has done too much of something.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// The client has reset a stream before it was answered.
    pub(super) fn reset(&self) {
        let has_left = self.resets.lock().unwrap_or_else(PoisonError::into_inner).take(1);
        if !has_left && !self.is_over.swap(true, Ordering::Relaxed) {
            self.edge.resets.one();
            if self.edge.may_tell() {
                tracing::warn!("a client resets streams faster than it may; its connection ends");
            }
        }
    }

    /// The last piece of an answer is on its way.
    pub(super) fn tail(self: &Arc<Self>) -> Tail {
        Tail { slot: self.tails.add(), activity: self.clone() }
    }

    /// Whether the last piece of an answer has been on its way since before the last time this was asked.
    pub(super) fn has_old_tails(&self) -> bool {
        self.tails.turn()
    }
}

/// A request that is being answered.
pub(super) struct Busy(Arc<Activity>);

impl Busy {
    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.0
    }

    pub(super) fn intake(&self) -> Arc<Intake> {
        self.0.intake.clone()
    }

    pub(super) fn hand_over(&self) {
        self.0.handed_over.store(true, Ordering::Relaxed);
    }

    /// The request asks for something else than HTTP.
    pub(super) fn ask_to_upgrade(&self) {
        self.0.asks_to_upgrade.store(true, Ordering::Relaxed);
    }

    pub(super) fn left_a_body_unread(&self) -> bool {
        self.0.intake.is_unread()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let now = self.0.opened.elapsed().as_millis() as u64;
        self.0.idle_since.store(now, Ordering::Relaxed);
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many answers have handed over their last piece, which lies in the buffer of the connection until the
/// client takes it, by the turn in which they did.
#[derive(Default)]
struct Tails {
    turn: AtomicUsize,
    /// Of this turn, of the one before, and of the next.
    counts: [AtomicUsize; 3],
}

impl Tails {
    fn add(&self) -> usize {
        let slot = self.turn.load(Ordering::Relaxed) % 3;
        self.count(slot).fetch_add(1, Ordering::Relaxed);
        slot
    }

    fn remove(&self, slot: usize) {
        self.count(slot).fetch_sub(1, Ordering::Relaxed);
    }

    /// Begins the next turn; whether something is left of the one before the last. What was there at the
    /// last time has gone then, or the connection ends, so the next turn begins at nothing.
    fn turn(&self) -> bool {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.count((turn + 2) % 3).load(Ordering::Relaxed) > 0
    }

    fn count(&self, slot: usize) -> &AtomicUsize {
        let [first, second, third] = &self.counts;
        match slot {
            0 => first,
            1 => second,
            _ => third,
        }
    }
}

/// The last piece of an answer, until it is written or its stream is reset.
pub(super) struct Tail {
    activity: Arc<Activity>,
    slot: usize,
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.activity.tails.remove(self.slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_old_when_it_was_there_at_the_last_turn() {
        let activity = Arc::new(Activity::new(Arc::default()));
        assert!(!activity.has_old_tails());
        let early = activity.tail();
        assert!(!activity.has_old_tails(), "handed over since the last turn");
        let late = activity.tail();
        assert!(activity.has_old_tails(), "was there at the last turn");
        drop(early);
        assert!(activity.has_old_tails(), "the other one by now");
        drop(late);
        for _ in 0..10 {
            drop(activity.tail());
            assert!(!activity.has_old_tails());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_resets_at_once_are_the_end() {
        let edge: Arc<Edge> = Arc::default();
        let activity = Activity::new(edge.clone());
        for _ in 0..RESETS {
            activity.reset();
        }
        assert!(!activity.is_over());
        tokio::time::sleep(Duration::from_secs(1)).await;
        for _ in 0..RESETS_PER_SECOND {
            activity.reset();
        }
        assert!(!activity.is_over());
        activity.reset();
        activity.reset();
        assert!(activity.is_over());
        assert_eq!(edge.figures(0, 0).resets, 1, "counted once");
    }
}
