//! Servers and loads in processes of their own, and the table of what they did.

use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use manager_bench::child::{Server, can_pin, this_program};
use manager_bench::measure::{Scale, median};
use manager_bench::process;

use crate::load::{self, Report};
use crate::{bare, served};

/// How many connections a load has.
const CONNECTIONS: u64 = 64;

/// Runs a server until standard input ends.
pub(crate) fn serve(name: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let mut manager = None;
    let address = runtime.block_on(async {
        match name {
            "bare" => bare::start().await,
            "manager" => {
                let (address, running) = served::start().await;
                manager = Some(running);
                address
            }
            #[cfg(feature = "rivals")]
            "axum" => crate::axum::start().await,
            other => panic!("there is no server called {other}"),
        }
    });
    println!("{address}");
    // Nobody writes; the end comes when the parent closes its side, or is gone.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    drop(manager);
}

/// A server and what it is asked.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) server: &'static str,
    pub(crate) question: &'static str,
    /// What it is compared with: the first case with this question is the floor.
    pub(crate) floor: &'static str,
}

const fn case(
    name: &'static str,
    server: &'static str,
    question: &'static str,
    floor: &'static str,
) -> Case {
    Case { name, server, question, floor }
}

/// All cases; each floor comes before what is compared with it.
pub(crate) const CASES: &[Case] = &[
    case("POST /add, bare hyper", "bare", "add", "add"),
    case("POST /add, manager", "manager", "add", "add"),
    #[cfg(feature = "rivals")]
    case("POST /add, axum", "axum", "add", "add"),
    case("a call through the bus by type", "manager", "through", "add"),
    case("a call through the bus by name", "manager", "by_name", "add"),
    case("JSON in and out, bare hyper", "bare", "sum", "sum"),
    case("JSON in and out on a route", "manager", "sum", "sum"),
    case("two parameters, bare hyper", "bare", "order", "order"),
    case("two parameters among 50 routes", "manager", "order", "order"),
];

/// One line of the table.
struct Candidate {
    case: &'static Case,
    server: usize,
    reports: Vec<Report>,
    cpu: Vec<f64>,
}

/// Runs everything in turn and prints the table.
pub(crate) fn table(scale: Scale) {
    if !can_pin() {
        println!("not pinned: `taskset` or a second core is missing");
    }
    let names = [
        "bare",
        "manager",
        #[cfg(feature = "rivals")]
        "axum",
    ];
    let servers = names.map(|name| Server::start(this_program(Some(0)), &["serve", name]));
    let candidate = |case: &'static Case| {
        let server = names.iter().position(|name| *name == case.server).expect("it was started");
        Candidate { case, server, reports: Vec::new(), cpu: Vec::new() }
    };
    let mut candidates: Vec<Candidate> = CASES.iter().map(candidate).collect();
    // A turn here holds more than a turn of calls: connections are made and warmed up in it.
    let turn = scale.turn * 10;
    for round in 0..=scale.rounds {
        for candidate in &mut candidates {
            let (report, cpu) = run(&servers[candidate.server], candidate.case.question, turn);
            // The first round warms everything up.
            if round > 0 || scale.rounds == 1 {
                candidate.reports.push(report);
                candidate.cpu.push(cpu);
            }
        }
    }
    print(&candidates, &servers);
}

fn run(server: &Server, question: &str, turn: Duration) -> (Report, f64) {
    let before = process::cpu_time(server.pid());
    let output = this_program(Some(1))
        .args(["load", &server.address, question, &CONNECTIONS.to_string()])
        .arg(turn.as_millis().to_string())
        .stderr(Stdio::inherit())
        .output()
        .expect("the load can be started");
    let cpu = process::cpu_time(server.pid()) - before;
    let report: Report = serde_json::from_slice(&output.stdout).expect("the load ended well");
    let each = cpu.as_secs_f64() * 1e6 / report.answers.max(1) as f64;
    (report, each)
}

fn print(candidates: &[Candidate], servers: &[Server]) {
    println!("\n{CONNECTIONS} connections, the server on one core, the load on another");
    println!(
        "  {:<34} {:>10} {:>9} {:>9} {:>14} {:>7} {:>9}",
        "", "requests/s", "p50 us", "p99 us", "CPU us/request", "ratio", "resident"
    );
    for Candidate { case, server, reports, cpu } in candidates {
        let floor = candidates.iter().find(|other| other.case.question == case.floor);
        let floor = floor.map_or(&cpu[..], |floor| &floor.cpu);
        let name = case.name;
        let rate = median(reports.iter().map(|one| one.answers as f64 / one.seconds));
        let Report { answers: _, seconds: _, p50_micros, p99_micros } = load::middle(reports);
        let each = median(cpu.iter().copied());
        let ratio = median(cpu.iter().zip(floor).map(|(cpu, floor)| cpu / floor));
        let resident = process::resident(servers[*server].pid()) as f64 / 1e6;
        println!(
            "  {name:<34} {rate:>10.0} {p50_micros:>9.0} {p99_micros:>9.0} {each:>14.2} \
             {ratio:>7.2} {resident:>6.1} MB"
        );
    }
}
