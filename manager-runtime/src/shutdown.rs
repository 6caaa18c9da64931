//! The life of a manager: it serves, it drains, it is cut.
//!
//! Whoever wants the end (a signal, `POST /shutdown`, [`Running::stop`](crate::Running::stop)) moves
//! the phase on; everybody else looks. Looking costs one load, waiting costs one waker for the life of
//! a task.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use foldhash::fast::RandomState;

/// Where in its life a manager is. It only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Everything is served.
    Serving = 0,
    /// What has begun is finished; nothing new is invited.
    Draining = 1,
    /// What is left is dropped.
    Cut = 2,
}

/// The phase of one manager, shared by all its tasks.
#[derive(Default)]
pub(crate) struct Life {
    phase: AtomicU8,
    watchers: Mutex<HashMap<u64, Waker, RandomState>>,
    next: AtomicU64,
}

impl Life {
    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Serving,
            1 => Phase::Draining,
            _ => Phase::Cut,
        }
    }

    /// Moves on to the phase, and wakes everybody who watches. A later phase stays.
    pub(crate) fn advance(&self, phase: Phase) {
        if self.phase.fetch_max(phase as u8, Ordering::AcqRel) < phase as u8 {
            let watchers = std::mem::take(&mut *self.lock());
            for waker in watchers.into_values() {
                waker.wake();
            }
        }
    }

    /// Waits until the phase is reached.
    pub(crate) async fn reaches(self: &Arc<Self>, phase: Phase) {
        let mut watcher = self.watch();
        poll_fn(|cx| if watcher.poll(cx) >= phase { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    pub(crate) fn watch(self: &Arc<Self>) -> Watcher {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Watcher { life: self.clone(), number, registered: None }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Waker, RandomState>> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that looks at the phase whenever it is polled, and is polled when the phase changes.
pub(crate) struct Watcher {
    life: Arc<Life>,
    number: u64,
    /// The waker that was left, and in which phase: each change of phase takes all wakers away.
    registered: Option<(Phase, Waker)>,
}

impl Watcher {
    /// The phase now; the task is woken when it changes. The waker is left once per phase, unless another
    /// task looks.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Phase {
        let phase = self.life.phase();
        if let Some((at, waker)) = &self.registered
            && *at == phase
            && waker.will_wake(cx.waker())
        {
            return phase;
        }
        self.life.lock().insert(self.number, cx.waker().clone());
        self.registered = Some((phase, cx.waker().clone()));
        // A change between the look and the insertion has not seen this waker.
        let now = self.life.phase();
        if now != phase {
            self.registered = None;
            cx.waker().wake_by_ref();
        }
        now
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if self.registered.is_some() {
            let mut watchers = self.life.lock();
            watchers.remove(&self.number);
            // What many took is given back when they are gone: in the middle of a heap, it would keep all
            // that lies below it from being given back too.
            if watchers.capacity() > 1024 && watchers.len() < watchers.capacity() / 8 {
                watchers.shrink_to_fit();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_phase_is_reached_by_those_who_wait_and_those_who_come_late() {
        let life = Arc::new(Life::default());
        let early = tokio::spawn({
            let life = life.clone();
            async move {
                life.reaches(Phase::Draining).await;
                life.reaches(Phase::Cut).await;
            }
        });
        tokio::task::yield_now().await;
        life.advance(Phase::Draining);
        tokio::task::yield_now().await;
        life.advance(Phase::Cut);
        life.advance(Phase::Draining);
        early.await.unwrap();
        assert_eq!(life.phase(), Phase::Cut, "it only moves forward");
        life.reaches(Phase::Draining).await;
        assert!(life.lock().is_empty(), "a watcher that is gone leaves nothing");
    }
}
