//! Minutes of everything that clients do, good and bad, against a service in a process of its own, and a look
//! at what is left of it.
//!
//! ```text
//! cargo bench -p manager-bench --features soak --bench soak -- 5m
//! ```
//!
//! The arguments are how long it takes (`90s`, `5m`) and, after `--seed`, the number that the choices are made
//! of. It says what it did, fails if a good request was not answered as it should be, and if memory or
//! descriptors have grown.

mod acts;
mod chance;
mod report;
mod served;
mod wire;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use chance::Chance;
use manager_bench::child::{Server, this_program};
use manager_bench::machine;
use report::Report;

/// How many clients there are at once.
const CLIENTS: usize = 48;

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["serve", folder] = *words {
        served::serve(folder);
        return ExitCode::SUCCESS;
    }
    let seed = words.iter().skip_while(|word| **word != "--seed").nth(1);
    let seed = seed.map_or(1, |seed| seed.parse().expect("a number as the seed"));
    // `cargo bench` runs every suite; a soak of minutes has to be asked for.
    let time = words.first().and_then(|word| time(word)).unwrap_or(Duration::from_secs(10));
    println!("{}\n{CLIENTS} clients for {time:?}, seed {seed}", machine::describe());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(soak(time, seed))
}

fn time(word: &str) -> Option<Duration> {
    match word.split_at_checked(word.len().checked_sub(1)?)? {
        (number, "s") => Some(Duration::from_secs(number.parse().ok()?)),
        (number, "m") => Some(Duration::from_secs(60 * number.parse::<u64>().ok()?)),
        _ => None,
    }
}

async fn soak(time: Duration, seed: u64) -> ExitCode {
    let folder = wire::Folder::new();
    let server = Server::start(this_program(None), &["serve", folder.path()]);
    let places = wire::Places::parse(&server.address, &folder);
    let mut report = Report::new(server.pid());
    // What a first turn of everything leaves is what it costs to be warm.
    let warm = time / 4;
    let begun = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let (places, tally) = (places.clone(), report.tally());
        clients.spawn(async move {
            let mut chance = Chance::new(seed, number as u64);
            while begun.elapsed() < time {
                let act = acts::choose(&mut chance);
                let outcome = acts::play(act, &places, &mut chance).await;
                tally.note(act, outcome);
            }
        });
    }
    let mut shown = begun;
    while !clients.is_empty() {
        let tick = tokio::time::sleep(Duration::from_millis(250));
        tokio::select! {
            () = tick => {}
            Some(ended) = clients.join_next() => ended.expect("a client does not panic"),
        }
        if !report.is_warm() && begun.elapsed() >= warm {
            report.warm();
        }
        if shown.elapsed() >= Duration::from_secs(10) {
            shown = Instant::now();
            report.line(begun.elapsed());
        }
    }
    let fine = report.end(&places).await;
    drop(server);
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
