//! How often something may happen: so many at once, and so many a second after that.

use std::time::Duration;

use tokio::time::Instant;

/// A bucket of tokens that fills by itself. The clock is looked at only when it is empty.
#[derive(Debug)]
pub(super) struct Bucket {
    size: u64,
    per_second: u64,
    left: u64,
    /// Up to when it was filled.
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(size: u64, per_second: u64) -> Self {
        Bucket { size, per_second, left: size, filled: Instant::now() }
    }

    /// Takes so many; `false` if there are not enough.
    pub(super) fn take(&mut self, count: u64) -> bool {
        if self.left < count {
            self.fill();
        }
        match self.left.checked_sub(count) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    /// Puts back so many.
    pub(super) fn give(&mut self, count: u64) {
        self.left = self.left.saturating_add(count).min(self.size);
    }

    fn fill(&mut self) {
        let passed = self.filled.elapsed();
        let grown = (passed.as_micros() * u128::from(self.per_second) / 1_000_000) as u64;
        if grown > 0 {
            self.give(grown);
            // What is left of the time counts for the next.
            self.filled += Duration::from_micros(grown.saturating_mul(1_000_000) / self.per_second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn so_many_at_once_and_so_many_a_second() {
        let mut bucket = Bucket::new(10, 5);
        assert!(bucket.take(10) && !bucket.take(1));
        tokio::time::sleep(Duration::from_millis(199)).await;
        assert!(!bucket.take(1));
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(bucket.take(1) && !bucket.take(1));
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert!(bucket.take(10) && !bucket.take(1), "never more than its size");
        bucket.give(3);
        assert!(bucket.take(3) && !bucket.take(1));
    }
}
