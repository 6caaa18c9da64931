//! Ends calls whose time is over, with one timer for a whole manager.
//!
//! A call that has to wait writes its deadline where it waits: into its seat while it runs, into its
//! ticket while it queues. One task, the watch, sleeps until the earliest of them, looks at all of them
//! then, and sleeps again. Most calls end long before, and so a deadline costs a call two stores
//! instead of a timer that is registered and taken away again.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

pub(crate) use crate::context::NEVER;
use crate::context::{Epoch, Seat};

/// When the watch wakes, and how to wake it earlier.
pub(crate) struct Watch {
    epoch: Epoch,
    /// The earliest deadline that the watch knows of; [`NEVER`] if it knows of none.
    next: AtomicU64,
    alarm: Notify,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Watch { epoch: Epoch::begin(), next: AtomicU64::new(NEVER), alarm: Notify::new() }
    }

    /// From when on deadlines are counted.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// After a deadline was written somewhere: wakes the watch if it would sleep past it.
    pub(crate) fn expect(&self, deadline: u64) {
        if deadline < self.next.load(Ordering::SeqCst) {
            self.next.fetch_min(deadline, Ordering::SeqCst);
            self.alarm.notify_one();
        }
    }

    /// Wakes the watch, so that it sees its end.
    pub(crate) fn wake(&self) {
        self.alarm.notify_one();
    }

    /// Watches until `expire` says `None`. It is given the time, ends what is over, and says the
    /// earliest deadline that is left.
    pub(crate) async fn run(&self, mut expire: impl FnMut(u64) -> Option<u64>) {
        loop {
            // Set back *before* looking: a deadline that is written after the look finds it so, and
            // wakes the watch again.
            self.next.store(NEVER, Ordering::SeqCst);
            let Some(earliest) = expire(self.epoch.number(Instant::now())) else { return };
            let next = self.next.fetch_min(earliest, Ordering::SeqCst).min(earliest);
            let alarm = self.alarm.notified();
            match self.epoch.instant(next) {
                None => alarm.await,
                Some(at) => tokio::select! {
                    () = sleep_until(at) => {}
                    () = alarm => {}
                },
            }
        }
    }
}

/// Ends the call in a seat if its time is over, and wakes it then; the deadline if it is not.
pub(crate) fn expire(seat: &Seat, now: u64, wake: &mut dyn FnMut()) -> u64 {
    let turn = seat.turn.load(Ordering::SeqCst);
    let deadline = seat.deadline.load(Ordering::SeqCst);
    let same = seat.turn.load(Ordering::SeqCst) == turn;
    if turn.is_multiple_of(2) || deadline == 0 || !same {
        return NEVER;
    }
    if deadline > now {
        return deadline;
    }
    // A call that has ended meanwhile has another turn, and does not mind.
    seat.expired.store(turn, Ordering::Release);
    wake();
    NEVER
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_watch_wakes_at_the_earliest_deadline_whoever_says_it_when() {
        let watch = Arc::new(Watch::new());
        let seats: Arc<Vec<Seat>> = Arc::new((0..3).map(|_| Seat::default()).collect());
        let looks = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn({
            let (watch, seats, looks) = (watch.clone(), seats.clone(), looks.clone());
            async move {
                let look = |now| {
                    looks.fetch_add(1, Ordering::Relaxed);
                    seats.iter().map(|seat| expire(seat, now, &mut || ())).min()
                };
                watch.run(look).await;
            }
        });
        tokio::task::yield_now().await;
        let start = Instant::now();
        for (seat, seconds) in seats.iter().zip([30, 10, 20]) {
            seat.turn.store(1, Ordering::SeqCst);
            let deadline = watch.epoch().number(start + Duration::from_secs(seconds));
            seat.deadline.store(deadline, Ordering::SeqCst);
            watch.expect(deadline);
        }
        // The call in the third seat ends in time.
        seats[2].turn.store(2, Ordering::SeqCst);
        let expired = |seat: &Seat| seat.expired.load(Ordering::SeqCst) == 1;
        tokio::time::sleep_until(start + Duration::from_secs(9)).await;
        assert!(!seats.iter().any(expired));
        tokio::time::sleep_until(start + Duration::from_secs(11)).await;
        assert_eq!(seats.iter().map(expired).collect::<Vec<_>>(), [false, true, false]);
        tokio::time::sleep_until(start + Duration::from_secs(60)).await;
        assert_eq!(seats.iter().map(expired).collect::<Vec<_>>(), [true, true, false]);
        assert!(looks.load(Ordering::Relaxed) < 10, "it sleeps in between");
        task.abort();
    }
}
