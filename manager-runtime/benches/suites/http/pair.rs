//! Servers and loads in processes of their own, and the table of what they did.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

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

/// A server in another process, which ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) address: String,
}

impl Server {
    /// Starts a server with a command that is to run this program in its mode `serve`.
    pub(crate) fn start(mut command: Command, name: &str) -> Self {
        let mut child = command
            .args(["serve", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server can be started");
        let mut address = String::new();
        let output = child.stdout.take().expect("the output is a pipe");
        BufReader::new(output).read_line(&mut address).expect("the server says its address");
        Server { input: child.stdin.take(), child, address: address.trim().to_owned() }
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// A command that runs this program, on one core if `taskset` is there.
pub(crate) fn this_program(core: Option<usize>) -> Command {
    let program = std::env::current_exe().expect("the program knows where it is");
    match core.filter(|_| can_pin()) {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string()]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

fn can_pin() -> bool {
    let two_cores = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    let tried = Command::new("taskset").args(["-c", "0", "true"]).status();
    two_cores && tried.is_ok_and(|status| status.success())
}

/// One line of the table: a server and what it is asked.
struct Candidate {
    name: &'static str,
    server: usize,
    path: &'static str,
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
    let servers = names.map(|name| Server::start(this_program(Some(0)), name));
    let candidate =
        |name, server, path| Candidate { name, server, path, reports: Vec::new(), cpu: Vec::new() };
    let mut candidates = vec![
        candidate("POST /add, bare hyper", 0, "/add"),
        candidate("POST /add, manager", 1, "/add"),
        #[cfg(feature = "rivals")]
        candidate("POST /add, axum", 2, "/add"),
        candidate("a call through the bus by type", 1, "/through"),
        candidate("a call through the bus by name", 1, "/by_name"),
    ];
    // A turn here holds more than a turn of calls: connections are made and warmed up in it.
    let turn = scale.turn * 10;
    for round in 0..=scale.rounds {
        for candidate in &mut candidates {
            let (report, cpu) = run(&servers[candidate.server], candidate.path, turn);
            // The first round warms everything up.
            if round > 0 || scale.rounds == 1 {
                candidate.reports.push(report);
                candidate.cpu.push(cpu);
            }
        }
    }
    print(&candidates, &servers);
}

fn run(server: &Server, path: &str, turn: Duration) -> (Report, f64) {
    let before = process::cpu_time(server.pid());
    let output = this_program(Some(1))
        .args(["load", &server.address, path, &CONNECTIONS.to_string()])
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
    let floor = candidates.first().map(|floor| floor.cpu.clone()).unwrap_or_default();
    for Candidate { name, server, path: _, reports, cpu } in candidates {
        let rate = median(reports.iter().map(|one| one.answers as f64 / one.seconds));
        let Report { answers: _, seconds: _, p50_micros, p99_micros } = load::middle(reports);
        let each = median(cpu.iter().copied());
        let ratio = median(cpu.iter().zip(&floor).map(|(cpu, floor)| cpu / floor));
        let resident = process::resident(servers[*server].pid()) as f64 / 1e6;
        println!(
            "  {name:<34} {rate:>10.0} {p50_micros:>9.0} {p99_micros:>9.0} {each:>14.2} \
             {ratio:>7.2} {resident:>6.1} MB"
        );
    }
}
