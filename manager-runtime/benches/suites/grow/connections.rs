//! More and more connections, all idle but one.

use std::fs;
use std::process::{Command, Stdio};

use manager_bench::child::this_program;
use manager_bench::measure::Scale;
use manager_bench::process;
use manager_runtime::prelude::*;

use crate::client::{Client, request};
use crate::curve::Curve;
use crate::memory;
use crate::row::{self, Child, Row};

#[handler(get = "/hello")]
async fn hello() -> &'static str {
    "hello"
}

/// How many bytes the server holds.
#[handler(get = "/held")]
async fn held() -> Json<f64> {
    Json(memory::held())
}

pub(crate) async fn row() -> Row {
    let mut manager = Manager::empty();
    manager.add::<hello>().add::<held>().with_bind("127.0.0.1:0");
    // Longer than a row takes: an idle connection is one that stays.
    manager.with_keep_alive("10m");
    let running = manager.spawn().await.expect("the manager starts");
    Row { figures: Vec::new(), running: Some((running.addr(), running)) }
}

/// What a load finds.
#[derive(serde::Serialize, serde::Deserialize)]
struct Report {
    /// How many connections there were in the end.
    open: usize,
    /// Why there were no more.
    stopped: Option<String>,
    figures: Vec<Option<f64>>,
}

/// Opens connections, uses each of them once, and then only the first.
pub(crate) fn load(address: &str, pid: u32, count: usize, scale: Scale) {
    let (hello, held) = (request("GET", "/hello", b""), request("GET", "/held", b""));
    let mut first = Client::connect(address).expect("the server accepts");
    let held_now = |client: &mut Client| -> f64 {
        serde_json::from_slice(client.ask(&held)).expect("a number")
    };
    // Twice: the first answer is made with what is made once.
    held_now(&mut first);
    let (held_before, resident) = (held_now(&mut first), process::resident(pid));
    let (mut idle, mut stopped) = (Vec::new(), None);
    while idle.len() < count && stopped.is_none() {
        match Client::connect(address) {
            Ok(mut client) => {
                client.ask(&hello);
                idle.push(client);
            }
            Err(error) => stopped = Some(error.to_string()),
        }
    }
    let open = idle.len();
    let each = |bytes: f64| bytes / open as f64 / 1024.0;
    let held = held_now(&mut first) - held_before;
    let grown = process::resident(pid).saturating_sub(resident) as f64;
    let resident = memory::resident_each(grown, open) / 1024.0;
    let asked = row::cpu_nanos(pid, scale, || _ = first.ask(&hello));
    let figures = vec![Some(each(held)), Some(resident), Some(asked / 1000.0)];
    let report = Report { open, stopped, figures };
    println!("{}", serde_json::to_string(&report).expect("a report is plain data"));
}

pub(crate) fn table(counts: &[usize], scale: Scale) {
    let mut curve = Curve::begin(
        "idle connections; a request comes on one more",
        "connections",
        &["held KiB each", "resident KiB each", "request CPU us"],
    );
    for count in counts {
        let child = Child::start_by(with_many_files(0), "connections", *count, scale);
        let (rounds, millis) = (scale.rounds.to_string(), scale.turn.as_millis().to_string());
        let output = with_many_files(1)
            .args(["load", &child.address, &child.pid().to_string(), &count.to_string()])
            .args(["--rounds", &rounds, "--millis", &millis])
            .stderr(Stdio::inherit())
            .output()
            .expect("the load can be started");
        let Report { open, stopped, figures } =
            serde_json::from_slice(&output.stdout).expect("the load ended well");
        curve.row(&open.to_string(), &row::measured(figures));
        if let Some(why) = stopped {
            println!("  no more than {open}: {why}; {}", limit());
            return;
        }
    }
}

/// This program with as many open files as the system lets a process have.
fn with_many_files(core: usize) -> Command {
    let program = this_program(Some(core));
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n \"$(ulimit -H -n)\"; exec \"$@\"", "sh"]);
    command.arg(program.get_program()).args(program.get_args());
    command
}

/// What the system says of open files.
fn limit() -> String {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    line.map_or_else(String::new, |line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}
