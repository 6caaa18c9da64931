//! How far a file is: as a number for whoever waits for it, and as a bar on a terminal.
//!
//! The bar is that of the feature `progress`. Without it, or where standard error is no terminal, nothing is
//! drawn.

use std::sync::atomic::{AtomicU64, Ordering};

use super::terminal;

/// How far one file is. The bar goes away with it.
pub(super) struct Progress {
    /// Up to where it went out or came in.
    position: AtomicU64,
    /// Up to where it need not go again.
    kept: AtomicU64,
    bar: Bar,
}

impl Progress {
    /// Nothing yet, of a length that may not be known.
    pub(super) fn new(name: &str, length: Option<u64>) -> Self {
        Progress {
            position: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            bar: Bar::new(name, length),
        }
    }

    pub(super) fn length(&self, length: u64) {
        self.bar.length(length);
    }

    /// So far it is, forwards or back.
    pub(super) fn reach(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
        self.bar.position(position);
    }

    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// So far it need not go again.
    pub(super) fn keep(&self, position: u64) {
        self.kept.store(position, Ordering::Relaxed);
        self.reach(position);
    }

    pub(super) fn kept(&self) -> u64 {
        self.kept.load(Ordering::Relaxed)
    }

    /// A line above the bar.
    pub(super) fn warn(&self, text: &str) {
        self.bar.aside(|| terminal::warning(text));
    }
}

#[cfg(feature = "progress")]
struct Bar(indicatif::ProgressBar);

#[cfg(feature = "progress")]
impl Bar {
    /// Draws on standard error, and nowhere if that is no terminal.
    fn new(name: &str, length: Option<u64>) -> Self {
        use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(length, target);
        let shown: String = name.chars().filter(|one| !one.is_control()).take(32).collect();
        let shape =
            "{prefix} [{bar:30}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
        let style =
            ProgressStyle::with_template(shape).unwrap_or_else(|_| ProgressStyle::default_bar());
        Bar(bar.with_style(style).with_prefix(shown).with_finish(ProgressFinish::AndClear))
    }

    fn length(&self, length: u64) {
        self.0.set_length(length);
    }

    fn position(&self, position: u64) {
        self.0.set_position(position);
    }

    fn aside(&self, say: impl FnOnce()) {
        self.0.suspend(say);
    }
}

/// Nothing is drawn.
#[cfg(not(feature = "progress"))]
struct Bar;

#[cfg(not(feature = "progress"))]
impl Bar {
    fn new(_: &str, _: Option<u64>) -> Self {
        Bar
    }

    fn length(&self, _: u64) {}

    fn position(&self, _: u64) {}

    fn aside(&self, say: impl FnOnce()) {
        say();
    }
}
