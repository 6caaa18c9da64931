//! What happens at the edge, where clients are: how much is open, and what a limit ended or refused.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How much is open at the edge at one moment, and what the limits have ended or refused since the start,
/// on all addresses of a manager together. They are read one after the other while clients come and go, so
/// their sums need not agree to the last one.
///
/// [`Running::edge`](crate::Running::edge) gives them. What becomes of the calls that requests lead to is
/// counted by handler, in [`Figures`](crate::Figures).
///
/// ```
/// use manager_runtime::EdgeFigures;
///
/// fn is_under_attack(before: &EdgeFigures, now: &EdgeFigures) -> bool {
///     now.floods + now.resets + now.slow_heads > before.floods + before.resets + before.slow_heads
/// }
/// assert!(!is_under_attack(&EdgeFigures::default(), &EdgeFigures::default()));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EdgeFigures {
    /// Connections that are open now.
    pub connections: usize,
    /// Requests in flight now: those that count against `max_requests`.
    pub requests: usize,
    /// Streams that are open now: those that count against `streams`.
    pub streams: usize,
    /// Connections that were accepted.
    pub accepted: u64,
    /// Times that accepting failed because the process was out of descriptors or memory.
    pub accept_errors: u64,
    /// Connections that were closed at once because of `connections_per_address`.
    pub refused_connections: u64,
    /// Requests that were refused because of `max_requests`.
    pub refused_requests: u64,
    /// Streams that were refused because of `streams`.
    pub refused_streams: u64,
    /// Connections that ended because nothing came for the time of `keep_alive`.
    pub idle: u64,
    /// Connections that ended because a head took longer than `head_timeout`.
    pub slow_heads: u64,
    /// Bodies of requests that paused longer than `body_timeout`, or came more slowly than `min_rate`.
    pub slow_bodies: u64,
    /// Answers that a client did not take for the time of `body_timeout`, or took more slowly than
    /// `min_rate`.
    pub slow_readers: u64,
    /// Requests and connections that do not follow HTTP. A stream of HTTP/2 that is reset alone for it is
    /// not among them.
    pub malformed: u64,
    /// Heads that were longer than `head_limit`, had too many fields or too long a target.
    pub large_heads: u64,
    /// Bodies that were longer than they may be.
    pub large_bodies: u64,
    /// Connections of HTTP/2 that ended because their client reset streams faster than any client needs
    /// to.
    pub resets: u64,
    /// Connections of HTTP/2 that ended because of too many frames that carry nothing: PING, SETTINGS,
    /// PRIORITY, WINDOW_UPDATE, CONTINUATION, small pieces of DATA.
    pub floods: u64,
}

/// The figures, while they are counted.
#[derive(Debug)]
pub(crate) struct Edge {
    began: Instant,
    /// When the log was told last, in milliseconds after the beginning.
    told: AtomicU64,
    pub(crate) connections: AtomicUsize,
    pub(crate) accepted: Count,
    pub(crate) accept_errors: Count,
    pub(crate) refused_connections: Count,
    pub(crate) refused_requests: Count,
    pub(crate) refused_streams: Count,
    pub(crate) idle: Count,
    pub(crate) slow_heads: Count,
    pub(crate) slow_bodies: Count,
    pub(crate) slow_readers: Count,
    pub(crate) malformed: Count,
    pub(crate) large_heads: Count,
    pub(crate) large_bodies: Count,
    pub(crate) resets: Count,
    pub(crate) floods: Count,
}

/// How long the log is silent after it was told: what clients do never fills it.
const SILENCE: Duration = Duration::from_secs(10);

/// One of the counts.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Edge {
    fn default() -> Self {
        Edge {
            began: Instant::now(),
            told: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            accepted: Count::default(),
            accept_errors: Count::default(),
            refused_connections: Count::default(),
            refused_requests: Count::default(),
            refused_streams: Count::default(),
            idle: Count::default(),
            slow_heads: Count::default(),
            slow_bodies: Count::default(),
            slow_readers: Count::default(),
            malformed: Count::default(),
            large_heads: Count::default(),
            large_bodies: Count::default(),
            resets: Count::default(),
            floods: Count::default(),
        }
    }
}

impl Edge {
    /// What is counted here, beside what is in flight, which is counted where it is limited.
    pub(crate) fn figures(&self, requests: usize, streams: usize) -> EdgeFigures {
        let Edge {
            began: _,
            told: _,
            connections,
            accepted,
            accept_errors,
            refused_connections,
            refused_requests,
            refused_streams,
            idle,
            slow_heads,
            slow_bodies,
            slow_readers,
            malformed,
            large_heads,
            large_bodies,
            resets,
            floods,
        } = self;
        EdgeFigures {
            connections: connections.load(Ordering::Relaxed),
            requests,
            streams,
            accepted: accepted.get(),
            accept_errors: accept_errors.get(),
            refused_connections: refused_connections.get(),
            refused_requests: refused_requests.get(),
            refused_streams: refused_streams.get(),
            idle: idle.get(),
            slow_heads: slow_heads.get(),
            slow_bodies: slow_bodies.get(),
            slow_readers: slow_readers.get(),
            malformed: malformed.get(),
            large_heads: large_heads.get(),
            large_bodies: large_bodies.get(),
            resets: resets.get(),
            floods: floods.get(),
        }
    }

    /// Whether an operator is to hear of it now: of the first of many, and then of one in a while.
    pub(crate) fn may_tell(&self) -> bool {
        // Zero is the time before anything was told.
        let now = self.began.elapsed().as_millis() as u64 + 1;
        let told = self.told.load(Ordering::Relaxed);
        let due = told == 0 || now.saturating_sub(told) >= SILENCE.as_millis() as u64;
        due && self.told.compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// What a client has to keep up with while somebody waits for it: no pause longer than one limit, and all in
/// all no more behind a rate than two of them. Only time in which the client was waited for counts, so a slow
/// handler is never held against it; and being fast once earns nothing for later.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    behind: Duration,
}

/// How often the longest pause a client may be behind the rate.
const PAUSES: u32 = 2;

impl Pace {
    /// How long the client may be waited for now.
    pub(crate) fn patience(&self, pause: Duration) -> Duration {
        pause.min((pause * PAUSES).saturating_sub(self.behind))
    }

    /// It was waited for so long, and so much came of it. A rate of zero asks for nothing.
    pub(crate) fn came(&mut self, waited: Duration, bytes: u64, rate: u64) {
        let worth = match bytes.saturating_mul(1_000_000).checked_div(rate) {
            Some(micros) => Duration::from_micros(micros),
            None => Duration::MAX,
        };
        self.behind = (self.behind + waited).saturating_sub(worth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// How many seconds a client lasts that sends so many bytes after each of such pauses.
    fn lasts(pause: u32, bytes: u64) -> Option<u32> {
        let (mut pace, limit, mut lasted) = (Pace::default(), 20 * SECOND, 0);
        while lasted < 100_000 {
            if pace.patience(limit) < pause * SECOND {
                return Some(lasted);
            }
            pace.came(pause * SECOND, bytes, 500);
            lasted += pause;
        }
        None
    }

    #[test]
    fn a_pause_has_a_limit_and_so_has_slowness() {
        assert_eq!(lasts(21, 1 << 40), Some(0), "one pause is too long");
        assert_eq!(lasts(20, 10_000), None, "the slowest that may be");
        assert_eq!(lasts(19, 1), Some(38), "a byte for each pause");
        assert_eq!(lasts(1, 1), Some(40));
        assert_eq!(lasts(1, 499), Some(19_501), "just below the rate");
        assert_eq!(lasts(1, 500), None);
    }

    #[test]
    fn no_rate_asks_for_nothing_and_speed_earns_nothing() {
        let (mut pace, limit) = (Pace::default(), 20 * SECOND);
        for _ in 0..1_000 {
            pace.came(19 * SECOND, 1, 0);
        }
        assert_eq!(pace.patience(limit), limit);
        pace.came(Duration::ZERO, 1 << 40, 500);
        pace.came(30 * SECOND, 0, 500);
        assert_eq!(pace.patience(limit), 10 * SECOND);
    }

    #[test]
    fn the_log_hears_of_one_in_a_while() {
        let edge = Edge::default();
        assert!(edge.may_tell());
        assert!((0..1_000).all(|_| !edge.may_tell()));
    }

    #[test]
    fn every_count_is_shown_once() {
        let edge = Edge::default();
        edge.idle.one();
        edge.floods.one();
        edge.floods.one();
        let figures = edge.figures(3, 4);
        let expected =
            EdgeFigures { idle: 1, floods: 2, requests: 3, streams: 4, ..EdgeFigures::default() };
        assert_eq!(figures, expected);
    }
}
