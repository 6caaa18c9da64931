//! What happened, and what is left.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use manager_bench::process;

use crate::acts::{ACTS, Act, Outcome};
use crate::wire::Places;

/// How much more may be resident at the end than when everything was warm.
const GROWTH: u64 = 8 * 1024 * 1024;

/// How long the service may take to let go of what clients have left.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the clients have seen, by act.
#[derive(Default)]
pub(crate) struct Tally {
    rows: [Row; ACTS.len()],
    wrong: std::sync::Mutex<Vec<String>>,
}

#[derive(Default)]
struct Row {
    done: AtomicU64,
    wrong: AtomicU64,
}

impl Tally {
    pub(crate) fn note(&self, act: Act, outcome: Outcome) {
        let Some(row) = self.rows.get(act as usize) else { return };
        row.done.fetch_add(1, Ordering::Relaxed);
        if let Err(why) = outcome {
            row.wrong.fetch_add(1, Ordering::Relaxed);
            if let Ok(mut wrong) = self.wrong.lock()
                && wrong.len() < 10
            {
                wrong.push(format!("{act:?}: {why}"));
            }
        }
    }

    fn sum(&self, of: impl Fn(&Row) -> &AtomicU64) -> u64 {
        self.rows.iter().map(|row| of(row).load(Ordering::Relaxed)).sum()
    }
}

/// What a process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    resident: u64,
    descriptors: usize,
    threads: usize,
}

pub(crate) struct Report {
    pid: u32,
    tally: Arc<Tally>,
    cold: Held,
    warm: Option<Held>,
}

impl Report {
    pub(crate) fn new(pid: u32) -> Self {
        let cold = Held::of(pid);
        println!("{:>8}  {cold}", "cold");
        Report { pid, tally: Arc::default(), cold, warm: None }
    }

    pub(crate) fn tally(&self) -> Arc<Tally> {
        self.tally.clone()
    }

    pub(crate) fn is_warm(&self) -> bool {
        self.warm.is_some()
    }

    pub(crate) fn warm(&mut self) {
        let warm = Held::of(self.pid);
        println!("{:>8}  {warm}", "warm");
        self.warm = Some(warm);
    }

    pub(crate) fn line(&self, elapsed: Duration) {
        let (done, wrong) = (self.tally.sum(|row| &row.done), self.tally.sum(|row| &row.wrong));
        println!("{:>7}s  {}  {done} acts, {wrong} wrong", elapsed.as_secs(), Held::of(self.pid));
    }

    /// Waits until the clients' remains are gone, prints the table, and says whether all is well.
    pub(crate) async fn end(&self, places: &Places) -> bool {
        let begun = std::time::Instant::now();
        // The descriptors are those of the start again, or they were lost.
        while Held::of(self.pid).descriptors > self.cold.descriptors && begun.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let end = Held::of(self.pid);
        println!("{:>8}  {end}\n", "end");
        println!("  {:<28} {:>10} {:>8}", "act", "done", "wrong");
        for (act, row) in ACTS.iter().zip(&self.tally.rows) {
            let (done, wrong) =
                (row.done.load(Ordering::Relaxed), row.wrong.load(Ordering::Relaxed));
            println!("  {:<28} {done:>10} {wrong:>8}", format!("{act:?}"));
        }
        let mut fine = true;
        let mut check = |so: bool, otherwise: String| {
            if !so {
                println!("FAILED: {otherwise}");
                fine = false;
            }
        };
        if let Ok(wrong) = self.tally.wrong.lock() {
            check(wrong.is_empty(), format!("answers were wrong:\n  {}", wrong.join("\n  ")));
        }
        let (before, after) = (self.cold.descriptors, end.descriptors);
        check(after <= before, format!("{after} descriptors are open; {before} were at the start"));
        let warm = self.warm.unwrap_or(self.cold).resident;
        let grown = end.resident.saturating_sub(warm);
        check(grown <= GROWTH, format!("{grown} bytes more are resident than when it was warm"));
        let serves = crate::acts::still_serves(places).await;
        let why = serves.as_ref().err().cloned().unwrap_or_default();
        check(serves.is_ok(), format!("it does not serve any more: {why}"));
        println!("{}", if fine { "all is well" } else { "not all is well" });
        fine
    }
}

impl Held {
    fn of(pid: u32) -> Self {
        let count =
            |what: &str| fs::read_dir(format!("/proc/{pid}/{what}")).map_or(0, Iterator::count);
        Held { resident: process::resident(pid), descriptors: count("fd"), threads: count("task") }
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Held { resident, descriptors, threads } = self;
        let mebibytes = *resident as f64 / (1024.0 * 1024.0);
        write!(f, "{mebibytes:>7.1} MiB {descriptors:>5} descriptors {threads:>3} threads")
    }
}
