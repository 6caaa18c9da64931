//! A row is a process of its own: what it measures of itself, and what it serves for others to measure.

use std::future::Future;
use std::io::Read;
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::Command;
use std::time::Duration;

use manager_bench::child::{Server, this_program};
use manager_bench::measure::{Scale, median};
use manager_bench::process;
use manager_runtime::Running;

use crate::{connections, handlers, messages, replicas, routes, state};

/// What a process says of itself, and what it serves until it ends.
pub(crate) struct Row {
    pub(crate) figures: Vec<f64>,
    pub(crate) address: Option<SocketAddr>,
    /// What is not to end before the process does.
    pub(crate) running: Option<Running>,
}

impl Row {
    pub(crate) fn serving(figures: Vec<f64>, running: Running) -> Self {
        Row { figures, address: Some(running.addr()), running: Some(running) }
    }
}

/// What could not be measured is `null` on its way from process to process.
pub(crate) fn measured(figures: Vec<Option<f64>>) -> Vec<f64> {
    figures.into_iter().map(|figure| figure.unwrap_or(f64::NAN)).collect()
}

pub(crate) fn number(word: &str) -> usize {
    word.parse().expect("a number")
}

/// The process of a row.
pub(crate) fn run(name: &str, size: usize, scale: Scale) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(async {
        let row: Pin<Box<dyn Future<Output = Row>>> = match name {
            "handlers" => Box::pin(handlers::row(size, scale)),
            "routes" => Box::pin(routes::row(size)),
            "replicas" => Box::pin(replicas::row(size, scale)),
            "connections" => Box::pin(connections::row()),
            "bare" => Box::pin(connections::bare_row()),
            "state" => Box::pin(state::row(size, scale)),
            "messages" => Box::pin(messages::row(size, scale)),
            other => panic!("there are no rows called {other}"),
        };
        let Row { figures, address, running } = row.await;
        let address = address.map_or("-".to_owned(), |address| address.to_string());
        let figures = serde_json::to_string(&figures).expect("figures are plain data");
        println!("{address} {figures}");
        // Nobody writes; the end comes when the parent closes its side, or is gone.
        let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let _ = end.await;
        drop(running);
    });
}

/// A row's process, as the one that prints the table sees it.
pub(crate) struct Child {
    server: Server,
    pub(crate) address: String,
    pub(crate) figures: Vec<f64>,
}

impl Child {
    pub(crate) fn start(name: &str, size: usize, scale: Scale) -> Self {
        Self::start_by(this_program(Some(0)), name, size, scale)
    }

    /// Starts it with a command of one's own.
    pub(crate) fn start_by(command: Command, name: &str, size: usize, scale: Scale) -> Self {
        let (rounds, millis) = (scale.rounds.to_string(), scale.turn.as_millis().to_string());
        let size = size.to_string();
        let arguments = ["row", name, &size, "--rounds", &rounds, "--millis", &millis];
        let server = Server::start(command, &arguments);
        let (address, figures) = server.address.split_once(' ').expect("an address and figures");
        let figures = measured(serde_json::from_str(figures).expect("figures"));
        Child { address: address.to_owned(), figures, server }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// The processor time in nanoseconds that something costs the process, which it is asked to do so often.
    pub(crate) fn cpu_nanos(&self, scale: Scale, ask: impl FnMut()) -> f64 {
        cpu_nanos(self.pid(), scale, ask)
    }
}

/// The processor time of a process in nanoseconds for each time that something is done.
pub(crate) fn cpu_nanos(pid: u32, scale: Scale, mut ask: impl FnMut()) -> f64 {
    let mut laps = Laps::begin(scale);
    while let Some(times) = laps.next() {
        let before = process::cpu_time(pid);
        (0..times).for_each(|_| ask());
        laps.lap(process::cpu_time(pid).saturating_sub(before));
    }
    laps.middle()
}

/// The same of this process, which does nothing else.
pub(crate) async fn nanos(scale: Scale, mut run: impl AsyncFnMut(u64)) -> f64 {
    let mut laps = Laps::begin(scale);
    while let Some(times) = laps.next() {
        let before = own_time();
        run(times).await;
        laps.lap(own_time().saturating_sub(before));
    }
    laps.middle()
}

fn own_time() -> Duration {
    // The kernel counts a thread that runs at the next tick of its clock, or when it lets others go first.
    std::thread::yield_now();
    process::cpu_time(std::process::id())
}

/// Rounds of something, each of so many times that they fill a turn.
struct Laps {
    scale: Scale,
    times: u64,
    /// Whether a whole turn was filled before. What is done once, beside the first, is not in the figures.
    warm: bool,
    nanos: Vec<f64>,
}

impl Laps {
    fn begin(scale: Scale) -> Self {
        Laps { scale, times: 4, warm: false, nanos: Vec::new() }
    }

    /// How many times it is to be done next, unless there were enough rounds.
    fn next(&self) -> Option<u64> {
        (self.nanos.len() < self.scale.rounds).then_some(self.times)
    }

    /// That took so long. What was short is no round.
    fn lap(&mut self, took: Duration) {
        if took * 2 >= self.scale.turn && !self.warm {
            self.warm = true;
        } else if took * 2 >= self.scale.turn {
            self.nanos.push(took.as_nanos() as f64 / self.times as f64);
        } else {
            self.times *= 4;
        }
    }

    fn middle(&self) -> f64 {
        median(self.nanos.iter().copied())
    }
}
