//! The log: what is written of it, and how.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

use super::terminal;

/// Without `RUST_LOG`.
const DEFAULT: LevelFilter = LevelFilter::INFO;

/// From nothing at all to everything.
const LEVELS: [LevelFilter; 6] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

/// Starts the log on standard error: for people on a terminal, as lines of JSON elsewhere. A subscriber
/// that the program has set is left alone.
pub(super) fn start(loudness: i16) {
    let wanted = std::env::var_os("RUST_LOG").unwrap_or_default();
    let (targets, problem) = targets(&wanted.to_string_lossy(), loudness);
    let is_terminal = io::stderr().is_terminal();
    let written = fmt::layer().with_writer(io::stderr);
    let written = if is_terminal {
        written.with_ansi(may_colour()).boxed()
    } else {
        written.json().flatten_event(true).with_span_list(false).boxed()
    };
    let subscriber = tracing_subscriber::registry().with(written.with_filter(targets));
    let is_ours = tracing::subscriber::set_global_default(subscriber).is_ok();
    // Somebody else's subscriber does not go by the variable.
    if let Some(problem) = problem.filter(|_| is_ours) {
        tracing::warn!("{problem}");
    }
}

/// Says what is wrong with `RUST_LOG`, for `check`.
pub(super) fn check() {
    let wanted = std::env::var_os("RUST_LOG").unwrap_or_default();
    if let (_, Some(problem)) = targets(&wanted.to_string_lossy(), 0) {
        terminal::warning(&problem);
    }
}

/// What is logged: what the variable says, its default level moved by the flags. What it says of single
/// targets was said on purpose and stays.
fn targets(wanted: &str, loudness: i16) -> (Targets, Option<String>) {
    let default = || Targets::new().with_default(DEFAULT);
    let (targets, problem) = match wanted.trim() {
        "" => (default(), None),
        wanted => match wanted.parse::<Targets>() {
            Ok(targets) => (targets, None),
            Err(error) => {
                let problem = format!(
                    "RUST_LOG is ignored: {error}; write it like `info` or `info,my_crate=debug`"
                );
                (default(), Some(problem))
            }
        },
    };
    let level = targets.default_level().unwrap_or(LevelFilter::OFF);
    (targets.with_default(moved(level, loudness)), problem)
}

fn moved(level: LevelFilter, loudness: i16) -> LevelFilter {
    let at = LEVELS.iter().position(|known| *known == level).unwrap_or_default();
    let at = at.saturating_add_signed(loudness.into()).min(LEVELS.len() - 1);
    LEVELS[at]
}

/// <https://no-color.org>: set and not empty means no.
fn may_colour() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_move_the_default_level_within_its_bounds() {
        let check = |wanted: &str, loudness: i16, expected: LevelFilter| {
            let (targets, problem) = targets(wanted, loudness);
            assert_eq!(targets.default_level(), Some(expected), "{wanted:?} {loudness}");
            assert_eq!(problem, None, "{wanted:?}");
        };
        check("", 0, LevelFilter::INFO);
        check("", 1, LevelFilter::DEBUG);
        check("", 9, LevelFilter::TRACE);
        check("", -1, LevelFilter::WARN);
        check("", -9, LevelFilter::OFF);
        check("error", 1, LevelFilter::WARN);
        check("warn,hyper=off", 1, LevelFilter::INFO);
        check("hyper=debug", 0, LevelFilter::OFF);
    }

    #[test]
    fn a_bad_filter_is_a_warning_and_the_default_stays() {
        let (targets, problem) = targets("info,my=loud", 0);
        assert_eq!(targets.default_level(), Some(LevelFilter::INFO));
        assert!(problem.is_some_and(|problem| problem.starts_with("RUST_LOG is ignored: ")));
    }
}
