//! More and more connections, all idle but one.

use std::convert::Infallible;
use std::fs;
use std::future::ready;
use std::process::{Command, Stdio};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use manager_bench::child::this_program;
use manager_bench::measure::Scale;
use manager_bench::process;
use manager_runtime::prelude::{Json, Manager, handler};
use tokio::net::TcpListener;

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

/// The floor: the same on bare hyper, without a timer, a limit or a drain.
pub(crate) async fn bare_row() -> Row {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound port has an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let service = service_fn(|request: Request<Incoming>| {
                let body = match request.uri().path() {
                    "/held" => serde_json::to_string(&memory::held()).unwrap_or_default().into(),
                    _ => Bytes::from_static(b"hello"),
                };
                ready(Ok::<_, Infallible>(Response::new(Full::new(body))))
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    Row { figures: Vec::new(), address: Some(address), running: None }
}

pub(crate) async fn row() -> Row {
    let mut manager = Manager::empty();
    manager.add::<hello>().add::<held>().with_bind("127.0.0.1:0");
    // Longer than a row takes: an idle connection is one that stays.
    manager.with_keep_alive("10m");
    // All of them come from here.
    manager.with_connections_per_address(25_000);
    let running = manager.spawn().await.expect("the manager starts");
    Row::serving(Vec::new(), running)
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
    // A connection that was just used is still ready for more; an idle one has given its buffers back.
    std::thread::sleep(std::time::Duration::from_secs(1));
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
        &[
            "bare held KiB each",
            "resident KiB each",
            "request CPU us",
            "held KiB each",
            "resident KiB each",
            "request CPU us",
        ],
    );
    for count in counts {
        let (bare, own) = (loaded("bare", *count, scale), loaded("connections", *count, scale));
        let figures = [row::measured(bare.figures), row::measured(own.figures)].concat();
        let open = bare.open.min(own.open);
        curve.row(&open.to_string(), &figures);
        if let Some(why) = own.stopped.or(bare.stopped) {
            println!("  no more than {open}: {why}; {}", limit());
            return;
        }
    }
}

/// What a load finds at a server of its own.
fn loaded(name: &str, count: usize, scale: Scale) -> Report {
    let child = Child::start_by(with_many_files(0), name, count, scale);
    let (rounds, millis) = (scale.rounds.to_string(), scale.turn.as_millis().to_string());
    let output = with_many_files(1)
        .args(["load", &child.address, &child.pid().to_string(), &count.to_string()])
        .args(["--rounds", &rounds, "--millis", &millis])
        .stderr(Stdio::inherit())
        .output()
        .expect("the load can be started");
    serde_json::from_slice(&output.stdout).expect("the load ended well")
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
