//! How many requests a client may make in which time.

use std::fmt;

/// How often: so many requests in a time, on average, and so many of them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    /// The time in seconds: a second, a minute or an hour.
    window: u32,
    burst: u32,
}

/// Every unit with its seconds.
const UNITS: [(&str, u32); 3] = [("s", 1), ("m", 60), ("h", 3600)];

impl Rate {
    /// The most requests, in a time and at once.
    pub(crate) const MOST: u32 = 1_000_000;

    /// So many in so many seconds. At once there may be what a second brings, and at least one.
    pub const fn new(count: u32, window: u32) -> Self {
        let burst = if count > window { count / window } else { 1 };
        Rate { count, window, burst }
    }

    /// So many at once.
    #[must_use]
    pub const fn burst(mut self, burst: u32) -> Self {
        self.burst = burst;
        self
    }

    /// `100/s`, `30/m` or `5/h`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once('/')?;
        let (_, window) = UNITS.iter().find(|(name, _)| *name == unit)?;
        // `parse` takes a plus sign as well, which nobody means.
        let count = count.bytes().all(|byte| byte.is_ascii_digit()).then(|| count.parse().ok());
        let count = count.flatten().filter(|count| (1..=Self::MOST).contains(count))?;
        Some(Self::new(count, *window))
    }

    /// How many there may be in the time.
    pub(crate) fn count(self) -> u32 {
        self.count
    }

    /// The time, in seconds.
    pub(crate) fn window(self) -> u32 {
        self.window
    }

    /// How many there may be at once.
    pub(crate) fn at_once(self) -> u32 {
        self.burst
    }

    /// How long it takes until there may be one more, in nanoseconds.
    pub(crate) fn interval(self) -> u64 {
        u64::from(self.window) * 1_000_000_000 / u64::from(self.count.max(1))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, window)| *window == self.window);
        write!(f, "{}/{}", self.count, unit.map_or("?", |(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_as_people_write_them() {
        let check = |text: &str, expected: Option<(u32, u32, u32)>| {
            let rate = Rate::parse(text);
            let parts = rate.map(|rate| (rate.count(), rate.window(), rate.at_once()));
            assert_eq!(parts, expected, "{text}");
            if let Some(rate) = rate {
                assert_eq!(rate.to_string(), text);
            }
        };
        check("100/s", Some((100, 1, 100)));
        check("30/m", Some((30, 60, 1)));
        check("600/m", Some((600, 60, 10)));
        check("5/h", Some((5, 3600, 1)));
        check("1000000/s", Some((1_000_000, 1, 1_000_000)));
        for text in ["", "100", "/s", "0/s", "-1/s", "+1/s", "1.5/s", "1/d", "1 / s", "1000001/s"] {
            check(text, None);
        }
        assert_eq!(Rate::new(3, 60).interval(), 20_000_000_000);
    }
}
