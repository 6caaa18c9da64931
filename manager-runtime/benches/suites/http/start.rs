//! What a server takes before anybody asks, and with many who do not ask much.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use manager_bench::measure::median;
use manager_bench::process;

use crate::check;
use crate::servers::Maker;
use crate::wire;
use crate::workloads::Wanted;

const STARTS: usize = 20;
const CONNECTIONS: usize = 256;

/// How long a server has for what it does after its start, before its memory is looked at.
const SETTLED: Duration = Duration::from_millis(100);

/// What one start showed.
struct Start {
    millis: f64,
    idle: f64,
    own: f64,
    loaded: f64,
}

/// Starts each of the servers some times, in turn, and prints the table.
pub(crate) fn table(wanted: &Wanted) {
    let mut all: Vec<Vec<Start>> = wanted.makers.iter().map(|_| Vec::new()).collect();
    for _ in 0..STARTS {
        for (maker, starts) in wanted.makers.iter().zip(&mut all) {
            starts.push(start(maker));
        }
    }
    println!("\n{STARTS} starts, {CONNECTIONS} connections of which each has had an answer");
    println!(
        "  {:<18} {:>15} {:>22} {:>10} {:>10} {:>14}",
        "", "first answer ms", "fastest .. slowest", "idle", "of it own", "at connections"
    );
    for (maker, starts) in wanted.makers.iter().zip(&all) {
        let of = |figure: fn(&Start) -> f64| median(starts.iter().map(figure));
        let fastest = starts.iter().map(|start| start.millis).fold(f64::INFINITY, f64::min);
        let slowest = starts.iter().map(|start| start.millis).fold(0.0, f64::max);
        let spread = format!("{fastest:.1} .. {slowest:.1}");
        let (name, millis) = (maker.title, of(|start| start.millis));
        let (idle, own, loaded) =
            (of(|start| start.idle), of(|start| start.own), of(|start| start.loaded));
        println!(
            "  {name:<18} {millis:>15.1} {spread:>22} {idle:>6.1} MiB {own:>6.1} MiB {loaded:>10.1} MiB"
        );
    }
}

fn start(maker: &Maker) -> Start {
    let mebibytes = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
    // A start that is not pinned is what a user has, and `taskset` would be a part of it.
    let begun = Instant::now();
    let server = maker.start(None);
    first_answer(&server.address);
    let millis = begun.elapsed().as_secs_f64() * 1000.0;
    drop(server);

    // One that nobody has asked anything yet.
    let server = maker.start(None);
    std::thread::sleep(SETTLED);
    let idle = mebibytes(process::resident(server.pid()));
    let own = mebibytes(process::own(server.pid()));
    let connections: Vec<TcpStream> =
        (0..CONNECTIONS).map(|_| first_answer(&server.address)).collect();
    let loaded = mebibytes(process::resident(server.pid()));
    drop(connections);
    Start { millis, idle, own, loaded }
}

fn first_answer(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    let request = wire::question("plain").request();
    let answer = check::ask_on(&mut stream, &request).expect("the server answers");
    assert_eq!(answer.status, 200, "the answer is a refusal");
    stream
}
