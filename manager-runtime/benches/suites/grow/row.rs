//! A row is a process of its own: what it measures of itself, and what it serves for others to measure.

use std::future::Future;
use std::io::Read;
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::Command;
use std::time::{Duration, Instant};

use manager_bench::child::{Server, this_program};
use manager_bench::measure::{Scale, median};
use manager_bench::process;
use manager_runtime::Running;

use crate::{connections, handlers, messages, replicas, routes, state};

/// What a process says of itself, and what it serves until it ends.
pub(crate) struct Row {
    pub(crate) figures: Vec<f64>,
    pub(crate) running: Option<(SocketAddr, Running)>,
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
            "state" => Box::pin(state::row(size, scale)),
            "messages" => Box::pin(messages::row(size, scale)),
            other => panic!("there are no rows called {other}"),
        };
        let Row { figures, running } = row.await;
        let address = running.as_ref().map_or("-".to_owned(), |(address, _)| address.to_string());
        let figures = serde_json::to_string(&figures).expect("figures are plain data");
        println!("{address} {figures}");
        // Nobody writes; the end comes when the parent closes its side, or is gone.
        let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let _ = end.await;
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

/// The processor time of a process for each time that something is done.
pub(crate) fn cpu_nanos(pid: u32, scale: Scale, mut ask: impl FnMut()) -> f64 {
    let mut asked = |times: u64| {
        let begun = Instant::now();
        (0..times).for_each(|_| ask());
        begun.elapsed()
    };
    let times = fill(scale.turn, &mut asked);
    median((0..scale.rounds).map(|_| {
        let before = process::cpu_time(pid);
        asked(times);
        process::cpu_time(pid).saturating_sub(before).as_nanos() as f64 / times as f64
    }))
}

/// How many times fill a turn; warms everything up on the way.
fn fill(turn: Duration, run: &mut impl FnMut(u64) -> Duration) -> u64 {
    let mut times = 1;
    loop {
        let took = run(times);
        if took * 4 >= turn {
            let share = turn.as_secs_f64() / took.as_secs_f64();
            return ((times as f64 * share) as u64).max(1);
        }
        times *= 4;
    }
}

/// The time on the wall in nanoseconds of each time that something is done.
pub(crate) async fn nanos(scale: Scale, mut run: impl AsyncFnMut(u64)) -> f64 {
    let mut times = 1;
    let mut laps = Vec::new();
    while laps.len() < scale.rounds {
        let begun = Instant::now();
        run(times).await;
        let took = begun.elapsed();
        if took * 4 >= scale.turn {
            laps.push(took.as_nanos() as f64 / times as f64);
        } else {
            times *= 4;
        }
    }
    median(laps.into_iter())
}
